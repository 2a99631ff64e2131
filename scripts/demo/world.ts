import { existsSync, readFileSync, readlinkSync, realpathSync, statSync } from "node:fs";
import { join } from "node:path";
import { readStat } from "../../src/system/procfs.ts";
import type { Scratch } from "./scratch.ts";

/** What a target leaves in the world when it works. */
interface Trace {
  /** A process runs, and says in `pids/ID.pid` which. */
  readonly process?: true;
  /** It answers here. */
  readonly page?: keyof Scratch["urls"];
  /** It keeps writing this file. */
  readonly writes?: string;
  /** It is this file. */
  readonly file?: string;
}

const traces = {
  signals: { process: true, page: "signals", writes: "data/signals.jsonl" },
  averages: { process: true, writes: "data/averages.jsonl" },
  report: { process: true, writes: "data/report.json" },
  quotes: { process: true, writes: "data/quotes.jsonl" },
  "quotes-page": { page: "quotes" },
  settings: { file: "settings.json" },
} as const satisfies Readonly<Record<string, Trace>>;

/** What the demo breaks. */
export type Patient = keyof typeof traces;

// The keys are what the line above says; TypeScript types them no further.
export const targets = Object.keys(traces) as readonly Patient[];

/** What was seen of a target, without asking healq how it is; a field that it does not have is not there. */
export interface Sighting {
  /** Of the process that lives; null when none does. */
  readonly pid?: number | null;
  /** The status it answers with; null when it does not answer. */
  readonly answers?: number | null;
  /** When its output was written last, in milliseconds since the epoch. */
  readonly wroteAt?: number;
  /** What the file holds; null when there is none. */
  readonly text?: string | null;
}

/** The world as it is, seen with the demo's own eyes. */
export interface World {
  /** The pid of a target's process, if it lives: one that is in the demo's folder and no zombie. */
  pidOf(target: Patient): number | null;
  look(target: Patient): Promise<Sighting>;
  /** Whether a target can be seen to be back since the sighting before: another pid, an answer of 200, the file. Says it in words. */
  back(target: Patient, before: Sighting): Promise<string | undefined>;
  path(name: string): string;
  /** The lines of a file; none when it is not there. */
  lines(name: string): string[];
}

export function openWorld({ folder, stateDir, urls }: Scratch): World {
  const path = (name: string) => join(folder, name);
  const pidOf = (target: Patient) => living(read(join(stateDir, "pids", `${target}.pid`)), folder);
  const look = async (target: Patient): Promise<Sighting> => {
    const trace: Trace = traces[target];
    return {
      ...(trace.process && { pid: pidOf(target) }),
      ...(trace.page && { answers: await answerOf(urls[trace.page]) }),
      ...(trace.writes && { wroteAt: statSync(path(trace.writes), { throwIfNoEntry: false })?.mtimeMs ?? 0 }),
      ...(trace.file && { text: read(path(trace.file)) }),
    };
  };
  const back = async (target: Patient, before: Sighting): Promise<string | undefined> => {
    const trace: Trace = traces[target];
    if (trace.process) {
      const pid = pidOf(target);
      return pid === null || pid === before.pid ? undefined : `pid ${pid}`;
    }
    if (trace.page) return (await answerOf(urls[trace.page])) === 200 ? "answers 200" : undefined;
    return trace.file !== undefined && existsSync(path(trace.file)) ? `${trace.file} is there` : undefined;
  };
  return { pidOf, look, back, path, lines: (name) => (read(path(name)) ?? "").split("\n").filter(Boolean) };
}

/** The pid, if a process in the folder has it and lives: a stranger's is never signalled. */
function living(text: string | null, folder: string): number | null {
  const pid = Number(text);
  if (text === null || !Number.isInteger(pid) || pid <= 1) return null;
  try {
    const state = readStat(pid)?.state ?? "X";
    return !"ZX".includes(state) && readlinkSync(`/proc/${pid}/cwd`) === realpathSync(folder) ? pid : null;
  } catch {
    return null; // it has just ended
  }
}

async function answerOf(url: string): Promise<number | null> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return null;
  }
}

function read(path: string): string | null {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return null;
  }
}
