/**
 * The part of the helper process' program that reads logs, in plain JavaScript. The event loop of healq sees only what was found:
 * reading, splitting and searching are done here, where a pattern that takes too long holds up nobody.
 */
export const logReaderProgram = `"use strict";
const logs = require("node:fs");
const paths = require("node:path");
const vm = require("node:vm");
const { createHash } = require("node:crypto");
const { stripVTControlCharacters } = require("node:util");

// Bytes of one look; more than hopeless is not caught up with; a line that is longer than longLine is cut.
const atOnce = 4 * 1024 * 1024;
const hopeless = 64 * 1024 * 1024;
const longLine = 64 * 1024;
const shownLine = 4000;
const kept = 200;
// Milliseconds that a pattern may take without getting on to another line, and how many such lines a look bears.
const patience = 50;
const bearable = 3;

function openLog(path) {
  const fd = logs.openSync(path, logs.constants.O_RDONLY | logs.constants.O_NONBLOCK);
  const found = logs.fstatSync(fd);
  return { fd, size: found.size, file: found.dev + ":" + found.ino, isFile: found.isFile() };
}

function bytesAt(fd, start, end) {
  const bytes = Buffer.alloc(Math.max(0, end - start));
  let length = 0;
  while (length < bytes.length) {
    const got = logs.readSync(fd, bytes, length, bytes.length - length, start + length);
    if (got === 0) break;
    length += got;
  }
  return bytes.subarray(0, length);
}

function digestBefore(fd, offset) {
  return createHash("sha256").update(bytesAt(fd, Math.max(0, offset - 64), offset)).digest("hex").slice(0, 32);
}

// A shorter file, or one with other bytes before the place, was written anew.
function isSame(log, place) {
  if (log.file !== place.file || log.size < place.offset) return false;
  return place.before === undefined || place.before === digestBefore(log.fd, place.offset);
}

// The file that was read so far, under its new name: app.log.1, app-2026.log.
function findRenamed(path, place) {
  const folder = paths.dirname(path);
  const stem = paths.basename(path).split(".")[0];
  for (const name of logs.readdirSync(folder).filter((one) => one.startsWith(stem)).slice(0, 1000)) {
    const other = paths.join(folder, name);
    try {
      const found = logs.statSync(other);
      if (!found.isFile() || found.dev + ":" + found.ino !== place.file) continue;
      const log = openLog(other);
      if (isSame(log, place)) return log;
      logs.closeSync(log.fd);
    } catch {
      // It went away while it was looked at.
    }
  }
}

function readLog(path, place, patterns) {
  const log = openLog(path);
  try {
    if (!log.isFile) return { error: "EFTYPE", message: "is not a regular file" };
    if (isSame(log, place)) return readOn(log, place, patterns, false);
    const rest = log.file === place.file ? undefined : findRenamed(path, place);
    const anew = { file: log.file, offset: 0 };
    if (rest === undefined) return readOn(log, anew, patterns, false);
    try {
      // The program may not have noticed yet, and write to the old one.
      if (log.size === 0) return readOn(rest, place, patterns, false);
      const old = readOn(rest, place, patterns, true);
      if (old.behind > 0) return { ...old, behind: old.behind + log.size };
      return joined(old, readOn(log, anew, patterns, false));
    } finally {
      logs.closeSync(rest.fd);
    }
  } finally {
    logs.closeSync(log.fd);
  }
}

function joined(old, now) {
  const counts = { ...old.counts };
  for (const [name, count] of Object.entries(now.counts)) counts[name] = (counts[name] || 0) + count;
  const slow = [...new Set([...old.slow, ...now.slow])];
  return { ...now, counts, matches: [...old.matches, ...now.matches], skipped: old.skipped + now.skipped, slow };
}

// isOver: nobody writes to it any more, so its last line is whole.
function readOn(log, place, patterns, isOver) {
  const gap = log.size - place.offset;
  const start = gap > hopeless ? log.size - atOnce : place.offset;
  const skipped = start - place.offset;
  // Where the reading begins at no line's start, that line is left out; a place without a digest was never read at.
  let midLine = skipped > 0 || place.midLine === true;
  if (place.before === undefined && start > 0 && !midLine) midLine = bytesAt(log.fd, start - 1, start)[0] !== 10;
  const end = Math.min(log.size, start + atOnce);
  const bytes = bytesAt(log.fd, start, end);
  let from = 0;
  if (midLine) {
    const newline = bytes.indexOf(10);
    from = newline === -1 ? bytes.length : newline + 1;
    midLine = newline === -1;
  }
  let whole = Math.max(from, bytes.lastIndexOf(10) + 1);
  if (bytes.length - whole > longLine || (isOver && end === log.size)) {
    midLine = midLine || bytes.length > whole;
    whole = bytes.length;
  }
  const lines = linesIn(bytes.subarray(from, whole));
  const offset = start + whole;
  const at = { file: log.file, offset, before: digestBefore(log.fd, offset), midLine };
  const behind = end < log.size ? log.size - end : 0;
  return { place: at, behind, skipped, ...search(lines, patterns) };
}

function linesIn(bytes) {
  const lines = [];
  for (let at = 0; at < bytes.length; ) {
    const newline = bytes.indexOf(10, at);
    const end = newline === -1 ? bytes.length : newline;
    // A hole that a writer left in a file that was truncated under it is no text.
    while (at < end && bytes[at] === 0) at += 1;
    if (end > at) lines.push(stripVTControlCharacters(bytes.toString("utf8", at, Math.min(end, at + shownLine))).trimEnd());
    at = end + 1;
  }
  return lines;
}

// Only a vm script's timeout stops the engine inside a regular expression. What it has found so far stays in found.
const searcher = new vm.Script(
  "for (; state.at < lines.length; state.at += 1) {" +
    "for (const one of regexes) {" +
      "const found = one.exec(lines[state.at]);" +
      "if (found === null) continue;" +
      "state.found.push([state.at, Object.entries(found.groups || {})]);" +
      "break;" +
    "}" +
  "}",
);

function search(lines, patterns) {
  const counts = {};
  const matches = [];
  const slow = [];
  for (const { name, match } of patterns) {
    const state = { at: 0, found: [] };
    const context = vm.createContext({ lines, state, regexes: match.map((source) => new RegExp(source)) });
    for (let stuck = 0; state.at < lines.length && stuck < bearable; ) {
      const before = state.at;
      try {
        searcher.runInContext(context, { timeout: patience });
      } catch (error) {
        if (error.code !== "ERR_SCRIPT_EXECUTION_TIMEOUT") throw error;
        if (state.at > before) continue;
        stuck += 1;
        state.at += 1;
        if (!slow.includes(name)) slow.push(name);
      }
    }
    if (state.found.length > 0) counts[name] = state.found.length;
    for (const [at, groups] of state.found.slice(-kept)) {
      const captures = groups.filter(([, text]) => text !== undefined).map(([key, text]) => [key, text.slice(0, 1000)]);
      matches.push({ name, line: lines[at], captures: Object.fromEntries(captures) });
    }
  }
  return { counts, matches, slow };
}
`;
