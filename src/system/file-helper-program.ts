/** The most that is read of one file, in bytes. */
export const readLimit = 16 * 1024 * 1024;

/**
 * The program of the helper process, in plain JavaScript for `node -e`: it is the same in the source tree and in the
 * package, and needs no file of its own. Reads one request a line, `{op, path, format?, fields?}`, and writes one answer a line.
 * It follows `logReaderProgram`, which reads logs. Arguments: where the `yaml` and `smol-toml` libraries are, and the read limit in bytes.
 * Messages name places in a file, never its text: it may hold secrets.
 */
export const fileHelperProgram = `
const fs = require("node:fs");
const [yamlPath, tomlPath, limitText] = process.argv.slice(1);
const limit = Number(limitText);

function stat(path) {
  const found = fs.statSync(path);
  const type = found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
  return { type, size: found.size, mtimeMs: found.mtimeMs, inode: found.dev + ":" + found.ino };
}

function space(path) {
  const { bsize, blocks, bfree, bavail, files, ffree } = fs.statfsSync(path);
  return { blockSize: bsize, blocks, free: bfree, available: bavail, inodes: files, freeInodes: ffree };
}

function read(path, format) {
  const file = fs.openSync(path, fs.constants.O_RDONLY | fs.constants.O_NONBLOCK);
  try {
    const found = fs.fstatSync(file);
    if (!found.isFile()) return { problem: "is not a regular file" };
    const cut = found.size > limit;
    if (cut && format !== "jsonl") return { error: "EFBIG", message: "is larger than the 16 MiB that are read" };
    const bytes = Buffer.alloc(Math.min(found.size, limit));
    let length = 0;
    let start = cut ? found.size - limit : 0;
    while (length < bytes.length) {
      const got = fs.readSync(file, bytes, length, bytes.length - length, start + length);
      if (got === 0) break;
      length += got;
    }
    return { bytes: bytes.subarray(cut ? bytes.indexOf(10) + 1 : 0, length), cut };
  } finally {
    fs.closeSync(file);
  }
}

function jsonProblem(text) {
  if (text.trim() === "") return "is empty, which is not valid JSON";
  try {
    JSON.parse(text);
  } catch (error) {
    const place = /position (\\d+)/.exec(error.message);
    if (place === null) return "is not valid JSON";
    return "is not valid JSON at line " + text.slice(0, Number(place[1])).split("\\n").length;
  }
}

function jsonlProblem(text, cut) {
  const lines = text.split("\\n");
  lines.pop();
  for (const [index, line] of lines.entries()) {
    if (line.trim() === "") continue;
    try {
      JSON.parse(line);
    } catch {
      return cut ? "has a line that is not valid JSON in its last 16 MiB" : "line " + (index + 1) + " is not valid JSON";
    }
  }
}

function yamlProblem(text) {
  const documents = require(yamlPath).parseAllDocuments(text);
  const first = [...documents].flatMap((document) => document.errors)[0];
  if (first === undefined) return undefined;
  const place = first.linePos && first.linePos[0];
  return "is not valid YAML" + (place ? " at line " + place.line + ", column " + place.col : "");
}

function readText(path, format) {
  const content = read(path, format);
  if (content.bytes === undefined) return content;
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(content.bytes), cut: content.cut };
  } catch {
    return { problem: "is not valid UTF-8" };
  }
}

function parse(path, format) {
  const content = readText(path, format);
  const { text } = content;
  if (text === undefined) return content;
  if (format === "json") return { problem: jsonProblem(text) };
  if (format === "jsonl") return { problem: jsonlProblem(text, content.cut) };
  return { problem: yamlProblem(text) };
}

function tomlDocument(text) {
  try {
    return { document: require(tomlPath).parse(text, { integersAsBigInt: "asNeeded" }) };
  } catch (error) {
    return { problem: "is not valid TOML" + (error.line ? " at line " + error.line : "") };
  }
}

function documentOf(text, format) {
  if (format === "toml") return tomlDocument(text);
  const problem = format === "json" ? jsonProblem(text) : yamlProblem(text);
  if (problem !== undefined) return { problem };
  if (format === "json") return { document: JSON.parse(text) };
  const documents = require(yamlPath).parseAllDocuments(text, { merge: true });
  if (documents.length > 1) return { problem: "holds more than one YAML document" };
  return { document: documents.length === 0 ? null : documents[0].toJS() };
}

function valueAt(document, names) {
  let value = document;
  for (const name of names) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return { type: "missing" };
    value = value[name];
  }
  if (value === null || value === undefined) return { type: "empty" };
  if (Array.isArray(value)) return { type: "list" };
  if (value instanceof Date) return { type: "date" };
  switch (typeof value) {
    case "string":
      return { type: "string", value: value.length > 1000 ? undefined : value };
    case "bigint":
      return { type: "integer", value: Number(value) };
    case "number":
      if (!Number.isFinite(value)) return { type: "other" };
      return { type: Number.isInteger(value) ? "integer" : "number", value };
    case "boolean":
      return { type: "boolean", value };
    default:
      return { type: "map" };
  }
}

function values(path, format, fields) {
  const { text, ...failed } = readText(path, format);
  if (text === undefined) return failed;
  const found = documentOf(text, format);
  if (found.problem !== undefined) return found;
  if (found.document === null) return { problem: "is empty" };
  if (typeof found.document !== "object" || Array.isArray(found.document)) return { problem: "is no map of fields" };
  return { values: fields.map((names) => valueAt(found.document, names)) };
}

const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("close", () => process.exit(0));
lines.on("line", (line) => {
  let answer;
  try {
    const request = JSON.parse(line);
    if (request.op === "lines") answer = readLog(request.path, request.place, request.patterns);
    else {
      const act = { stat, space, parse, values }[request.op];
      answer = act(request.path, request.format, request.fields);
    }
  } catch (error) {
    answer = { error: error.code || "EUNKNOWN", message: error.message };
  }
  process.stdout.write(JSON.stringify(answer) + "\\n");
});
`;
