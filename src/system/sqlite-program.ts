/**
 * The program of the process that opens a database, in plain JavaScript for `node -e`: the same in the source tree and in the
 * package. Arguments: where `libsql` is, and one request as JSON: `{op, path, wait}`. Writes one answer as JSON and ends.
 *
 * - `probe` takes the write lock and gives it back: whether it can be had within `wait` milliseconds. If not, `commits` says
 *   whether somebody committed meanwhile, by the change counters of the database and of the WAL index (SQLite's file format,
 *   §1.3.7 and the WAL index' header). They are read before the database is opened and after it was closed: closing a
 *   descriptor drops the locks that its process has on the file.
 * - `checkpoint` lets SQLite recover what a killed writer left, and empties the WAL.
 * - `quickCheck` reads all of the database, at low priority.
 *
 * It removes no file itself. The last connection that is closed does, as every program's would.
 */
export const sqliteProgram = `"use strict";
const fs = require("node:fs");
const [libsql, text] = process.argv.slice(1);
const { op, path, wait } = JSON.parse(text);

function bytesAt(file, offset) {
  let fd;
  try {
    fd = fs.openSync(file, "r");
    const bytes = Buffer.alloc(4);
    fs.readSync(fd, bytes, 0, 4, offset);
    return bytes.toString("hex");
  } catch {
    return "";
  } finally {
    if (fd !== undefined) fs.closeSync(fd);
  }
}

const commits = () => bytesAt(path, 24) + bytesAt(path + "-shm", 8);

function walSize() {
  const found = fs.statSync(path + "-wal", { throwIfNoEntry: false });
  return found === undefined ? 0 : found.size;
}

const operations = {
  probe(db) {
    db.exec("BEGIN IMMEDIATE");
    db.exec("ROLLBACK");
    return {};
  },
  checkpoint(db) {
    const walBefore = walSize();
    db.exec("BEGIN IMMEDIATE");
    db.exec("ROLLBACK");
    const row = db.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get();
    return { busy: row.busy !== 0, walBefore, walAfter: walSize() };
  },
  quickCheck(db) {
    require("node:os").setPriority(10);
    const rows = db.prepare("PRAGMA quick_check(5)").all();
    return { faults: rows.map((row) => String(row.quick_check)).filter((fault) => fault !== "ok") };
  },
};

function attempt() {
  let db;
  try {
    // It would be made if it were not there; and where it may only be read, BEGIN IMMEDIATE would take no lock and say nothing.
    fs.closeSync(fs.openSync(path, op === "quickCheck" ? "r" : "r+"));
    const Database = require(libsql);
    db = new Database(path);
    db.exec("PRAGMA busy_timeout = " + Number(wait));
    db.exec("PRAGMA trusted_schema = OFF");
    return { end: "done", ...operations[op](db) };
  } catch (error) {
    return { end: "failed", code: String(error.code || "EUNKNOWN"), message: error.message };
  } finally {
    if (db !== undefined) db.close();
  }
}

const before = op === "probe" ? commits() : "";
const answer = attempt();
// A statement keeps its connection open until it is collected.
global.gc();
setImmediate(() => {
  if (op === "probe" && answer.end === "failed") answer.commits = commits() !== before;
  process.stdout.write(JSON.stringify(answer) + "\\n");
});
`;
