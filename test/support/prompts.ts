import { join } from "node:path";
import Database from "libsql";

/** The database of an agent host: prompts that are assigned to sessions. */
export interface Prompts {
  /** Its name in the folder. */
  readonly name: string;
  /** Assigns a prompt to a session; `since` in seconds since the epoch. */
  assign(id: number, session: string, since?: number): void;
  /** What is in it. */
  rows(): { id: number; session: string | null; status: string; note: string | null }[];
}

/** How a `tmux` target asks it. */
export const askPrompts = {
  sqlite: "prompts.db",
  query:
    "SELECT id, updated_at FROM prompts WHERE target_session = :session AND status IN ('assigned', 'in_progress') ORDER BY id",
};

/** How a `tmux` target gives a prompt back. */
export const requeuePrompts = {
  sqlite: "prompts.db",
  update: "UPDATE prompts SET status = 'pending', target_session = NULL, note = :reason WHERE id = :task",
};

/** Makes one in a folder. */
export function makePrompts(base: string): Prompts {
  const with_ = <T>(work: (database: Database.Database) => T): T => {
    const database = new Database(join(base, "prompts.db"));
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  with_((database) =>
    database.exec(
      "CREATE TABLE prompts (id INTEGER PRIMARY KEY, target_session TEXT, status TEXT, updated_at INTEGER, note TEXT)",
    ),
  );
  return {
    name: "prompts.db",
    assign: (id, session, since) => {
      const sql = "INSERT INTO prompts (id, target_session, status, updated_at) VALUES (?, ?, 'assigned', ?)";
      with_((database) => database.prepare(sql).run(id, session, since ?? null));
    },
    rows: () =>
      with_((database) =>
        database.prepare("SELECT id, target_session AS session, status, note FROM prompts ORDER BY id").all(),
      ) as ReturnType<Prompts["rows"]>,
  };
}
