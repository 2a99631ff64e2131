/** How long a database that others write is waited for, in milliseconds. */
export const busyFor = 1_000;

/**
 * The program of the process that asks SQLite databases, in plain JavaScript for `node -e`. Reads one question a line,
 * `{id, file, sql, params, writes}`, and writes one answer a line: `{id, row}`, `{id, changes}` or `{id, error}`.
 * Arguments: where the `libsql` library is, and how long a busy database is waited for in milliseconds.
 */
export const queryHelperProgram = `"use strict";
const fs = require("node:fs");
const [libsqlPath, timeout] = process.argv.slice(1);

function open(file, writes) {
  if (!fs.existsSync(file)) throw new Error("there is no such file");
  const Database = require(libsqlPath);
  const database = new Database(file, { readonly: !writes, fileMustExist: true, timeout: Number(timeout) });
  if (!writes) database.exec("PRAGMA query_only = ON");
  return database;
}

function only(params, sql) {
  return Object.fromEntries(Object.entries(params).filter(([name]) => new RegExp(":" + name + "\\\\b").test(sql)));
}

function answer({ file, sql, params, writes }) {
  const database = open(file, writes);
  try {
    const statement = database.prepare(sql);
    const bound = only(params, sql);
    const args = Object.keys(bound).length === 0 ? [] : [bound];
    if (writes) return { changes: Number(statement.run(...args).changes) };
    return { row: statement.get(...args) ?? null };
  } finally {
    database.close();
  }
}

const lines = require("node:readline").createInterface({ input: process.stdin });
lines.on("close", () => process.exit(0));
lines.on("line", (line) => {
  const question = JSON.parse(line);
  let said;
  try {
    said = answer(question);
  } catch (error) {
    said = { error: String(error.message) };
  }
  process.stdout.write(JSON.stringify({ id: question.id, ...said }) + "\\n");
});
`;
