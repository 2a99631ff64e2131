import { resolve } from "node:path";
import * as z from "zod";
import { duration, size } from "../lib/fields.ts";
import type { Target } from "../model/target.ts";
import { type DatabaseFiles, databaseFiles } from "../system/sqlite-files.ts";
import { regexField } from "./bounded-regex.ts";

/** The fields of a `sqlite` target. */
export const sqliteSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe("The database file, on a local file system; relative to the config file. Links are followed."),
  lockedFor: duration()
    .prefault("30s")
    .describe(
      "Locked when one process has held the write lock for this long without a commit; counted from the first look that sees it. Default: 30s.",
    ),
  walMax: size()
    .prefault("256MB")
    .describe("The WAL is too large above this; SQLite itself checkpoints at about 4 MB. Default: 256MB."),
  quickCheck: duration()
    .optional()
    .describe(
      "How often all of the database is read by PRAGMA quick_check, within the look's `timeout`. Default: never.",
    ),
  holders: z
    .array(regexField())
    .default([])
    .describe(
      "Who may be stopped for holding the write lock too long: regular expressions on the command line. Default: nobody but declared targets and what was left behind.",
    ),
});

/** The fields of a `sqlite` target, as parsed. */
export type SqliteFields = z.output<typeof sqliteSchema>;

/** Where locks are not to be relied on, and where they are: `remoteMount` gives the network mount that a path is on. */
type RemoteMount = (path: string) => string | undefined;

/** The files of a target's database, or why they cannot be looked at, for a person. */
export function filesOf(
  { spec, base }: Pick<Target<Pick<SqliteFields, "path">>, "spec" | "base">,
  remoteMount: RemoteMount,
): DatabaseFiles | { readonly problem: string } {
  const path = resolve(base, spec.path);
  const mount = remoteMount(path);
  if (mount !== undefined)
    return {
      problem: `${spec.path} is on a network file system (${mount}), where SQLite's locks cannot be relied on: it is not touched`,
    };
  const files = databaseFiles(path);
  return "problem" in files ? { problem: `${spec.path} ${files.problem}` } : files;
}
