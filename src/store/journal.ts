import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { AuditNote } from "../model/audit.ts";
import { appendLine } from "../system/append.ts";
import type { Change } from "./target-store.ts";

/** What was done once while Redis was away. */
export interface JournalEntry {
  /** Grows by one with each entry, over restarts of healq too, so that a replay that was cut short goes on where it stopped. */
  readonly number: number;
  /** Names the change, or the notes: Redis may have taken it although it did not answer. */
  readonly name: string;
  readonly change?: Change;
  readonly notes: readonly AuditNote[];
}

/** The file that keeps what was done while Redis was away, until it is replayed. */
export interface Journal {
  /** Never throws: what cannot be written (the disk is full) is kept in memory, and written by `keep`. */
  append(entry: Omit<JournalEntry, "number">): void;
  /** Writes what could not be written before; throws why it still cannot. */
  keep(): void;
  entries(): readonly JournalEntry[];
  clear(): void;
}

/** Where it is. */
export function journalFile(stateDir: string): string {
  return join(stateDir, "journal.jsonl");
}

/** Opens `stateDir/journal.jsonl`; a last line that was cut off by a crash is left out. Numbers start at `now`, so they never repeat. */
export function openJournal({ file, now }: { file: string; now: () => number }): Journal {
  let entries = readEntries(file);
  let last = entries.at(-1)?.number ?? 0;
  let written = entries.length;
  const keep = () => {
    for (let entry = entries[written]; entry !== undefined; entry = entries[written]) {
      appendLine(file, JSON.stringify(entry));
      written += 1;
    }
  };
  return {
    append: (entry) => {
      last = Math.max(now() * 1000, last + 1);
      entries.push({ number: last, ...entry });
      try {
        keep();
      } catch {
        // `keep` is called again every second, and then it is told.
      }
    },
    keep,
    entries: () => entries,
    clear: () => {
      entries = [];
      written = 0;
      rmSync(file, { force: true });
    },
  };
}

function readEntries(file: string): JournalEntry[] {
  if (!existsSync(file)) return [];
  const entries: JournalEntry[] = [];
  for (const line of readFileSync(file, "utf8").split("\n")) {
    try {
      // The file lies in stateDir (mode 0700), written by `append` alone.
      if (line !== "") entries.push(JSON.parse(line) as JournalEntry);
    } catch {
      break;
    }
  }
  return entries;
}
