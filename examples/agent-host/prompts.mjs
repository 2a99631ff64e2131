// The queue of prompts, which the dispatcher and the agents share.
import { mkdirSync } from "node:fs";
import Database from "libsql";

mkdirSync("data", { recursive: true });

/** Opens the queue, makes it if there is none, does something with it, and closes it. */
export function withPrompts(work) {
  const database = new Database("data/prompts.db", { timeout: 2_000 });
  try {
    database.exec(`CREATE TABLE IF NOT EXISTS prompts (
      id INTEGER PRIMARY KEY, text TEXT NOT NULL, status TEXT NOT NULL DEFAULT 'pending', target_session TEXT,
      updated_at INTEGER, tries INTEGER NOT NULL DEFAULT 0, note TEXT)`);
    return work(database);
  } finally {
    database.close();
  }
}
