import { plain } from "../lib/plain.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { DatabaseFiles } from "../system/sqlite-files.ts";
import type { SqliteAnswer } from "./sqlite-child.ts";

/** What the last quick check said; it holds until the next one. */
interface QuickCheck {
  /** When, in milliseconds since the epoch. */
  readonly at: number;
  /** The files it was said of. */
  readonly of: string;
  /** What is wrong; empty when all is well. */
  readonly faults: readonly string[];
  /** Why it could not tell. */
  readonly cannotTell?: string;
  /** What kept it from telling may pass by itself. */
  readonly mayPass?: boolean;
}

const memoryKey = "sqlite.quickCheck";

/** A broken database that was changed, and one that could not be read, are tried again at most this often, in milliseconds. */
const againAfter = 60_000;

/** SQLite's codes that mean a broken file. */
const broken = ["SQLITE_CORRUPT", "SQLITE_NOTADB"];

/** What the last quick check said, if there was one. */
export function lastQuickCheck(context: CheckContext): QuickCheck | undefined {
  // Under this key nothing else is kept.
  return context.memory.get(memoryKey) as QuickCheck | undefined;
}

/** Whether it is time for one: at the first look, every so many milliseconds, and sooner when a broken file may have been mended. */
export function quickCheckIsDue(every: number, files: DatabaseFiles, context: CheckContext): boolean {
  const last = lastQuickCheck(context);
  if (last === undefined) return true;
  const age = context.now() - last.at;
  if (age < 0 || age >= every) return true;
  const hopeful = last.faults.length > 0 ? last.of !== versionOf(files) : last.mayPass === true;
  return hopeful && age >= Math.min(every, againAfter);
}

/** Keeps what it said. */
export function keepQuickCheck(answer: SqliteAnswer, files: DatabaseFiles, context: CheckContext): void {
  context.memory.set(memoryKey, { at: context.now(), of: versionOf(files), ...judged(answer) });
}

/** What is wrong with a database by an answer of SQLite; undefined when the answer does not say that it is broken. */
export function faultOf(answer: SqliteAnswer): string | undefined {
  if (answer.end !== "failed" || !broken.some((code) => answer.code.startsWith(code))) return undefined;
  return answer.code.startsWith("SQLITE_NOTADB") ? `${answer.message}, or is encrypted` : answer.message;
}

function judged(answer: SqliteAnswer): Omit<QuickCheck, "at" | "of"> {
  const fault = faultOf(answer);
  if (fault !== undefined) return { faults: [fault] };
  if (answer.end === "done") return { faults: (answer.faults ?? []).map(plain) };
  if (answer.end === "aborted")
    return { faults: [], cannotTell: "quick_check did not finish in time: give the target a longer timeout" };
  return { faults: [], cannotTell: `quick_check could not read it: ${answer.message}`, mayPass: true };
}

/** The finding that the database is broken. */
export function corruptFinding(path: string, faults: readonly string[]): Finding {
  const more = faults.length > 1 ? ` (and ${faults.length - 1} more)` : "";
  return {
    symptom: "sqlite.corrupt",
    severity: "critical",
    fact: true,
    message: `${path} is damaged: ${faults[0]}${more}; keep all its files and restore a backup`,
    evidence: { faults },
  };
}

/** Changes when anybody writes. */
function versionOf({ main, wal }: DatabaseFiles): string {
  return [main, wal].map((file) => file && `${file.dev}:${file.ino}:${file.size}:${file.mtimeMs}`).join();
}
