import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { HealqError } from "../model/errors.ts";

/** How much of the server's log is read back, in bytes. */
const window = 16_384;

/** What the server wrote to its log after byte `from`; at most the last 16 KiB of it, empty when there is nothing. */
export function logSince(path: string, from: number): string {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const { size } = fstatSync(fd);
    const start = Math.max(from, size - window, 0);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    return buffer.subarray(0, readSync(fd, buffer, 0, buffer.length, start)).toString("utf8");
  } catch {
    return "";
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/** Why a server that was started did not stay, from what it wrote. */
export function startFailure(program: string, folder: string, written: string): HealqError {
  const damaged =
    /(?:Bad file format|Unexpected end of file|Unknown|Error) reading the append only file ?([\w.-]*)/.exec(
      written,
    );
  if (damaged !== null || /redis-check-aof|valkey-check-aof/.test(written)) {
    return new HealqError("redis-aof-damaged", damagedText(program, folder));
  }
  const last = linesOf(written).slice(-4).join(" | ");
  const said = last === "" ? "it wrote nothing" : `its last words: ${last}`;
  return new HealqError("redis-start", `${program} did not start in ${folder}: ${said}`);
}

/** A warning for a start during which the server cut an unfinished last command off its file; undefined when it did not. */
export function truncationWarning(written: string): string | undefined {
  if (!/short read while loading the AOF|Truncating the AOF|AOF loaded anyway/i.test(written))
    return undefined;
  return "the Redis' append-only file ended in the middle of a command (the machine or the disk failed while it was written); that one command is lost, the rest was loaded";
}

/** healq never repairs the file itself: a repair throws away everything after the damage. */
function damagedText(program: string, folder: string): string {
  const checker = join(dirname(program), basename(program).replace(/-server$/, "-check-aof"));
  const files = join(folder, "appendonlydir");
  const quoted = [
    `cp -a ${quote(files)} ${quote(`${files}.damaged`)}`,
    `${quote(checker)} --fix ${quote(join(files, "appendonly.aof.manifest"))}`,
  ];
  return `the append-only file of healq's Redis is damaged and healq does not repair it by itself: everything after the damage would be lost. Keep a copy and repair it: ${quoted.join(" && ")}`;
}

/** The lines of a server log without their pid, time and mark. */
function linesOf(written: string): string[] {
  return written
    .split("\n")
    .map((line) => line.replace(/^\d+:\w \d+ \w+ \d+ [\d:.]+ [.\-*#] /, "").trim())
    .filter((line) => line !== "");
}

function quote(path: string): string {
  return /^[\w./@%+=:,-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
