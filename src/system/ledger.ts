import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { messageOf } from "../model/errors.ts";
import type { ProcessRecord } from "../model/process.ts";
import { writeAtomic } from "./atomic.ts";
import { createCopyList } from "./copy-list.ts";
import { createJsonReader } from "./json-reader.ts";
import { type ProcessFiles, processFiles } from "./layout.ts";
import { makeFolder } from "./make-folder.ts";

const identitySchema = z.object({ pid: z.int().min(2), startTime: z.number(), bootId: z.string() });

const recordSchema = z.object({
  identity: identitySchema.optional(),
  /** The process group it leads. */
  group: z.int().min(2).optional(),
  /** Which start it came from: the last part of its marker. */
  instance: z.string().optional(),
  startedAt: z.number().optional(),
  exit: z
    .object({
      code: z.number().nullable(),
      signal: z.string().nullable(),
      unknown: z.boolean(),
      at: z.number(),
    })
    .optional(),
  /** It runs in a window of tmux. */
  console: z.boolean().optional(),
  startError: z.string().optional(),
  stoppedByPerson: z.boolean().optional(),
  calledOff: z.boolean().optional(),
  backgrounded: z.boolean().optional(),
});

const intentSchema = z.object({
  op: z.enum(["start", "stop", "restart"]),
  /**
   * - `waiting`  not started yet: its needs are not ok
   * - `spawning` a copy may run that is written down nowhere else; its marker names `instance`
   * - `stopping` signals may have been sent
   * - `stopped`  the first half of a restart is done, and the second is due
   */
  stage: z.enum(["waiting", "spawning", "stopping", "stopped"]),
  instance: z.string().optional(),
  /** It is started in a window of tmux. */
  console: z.boolean().optional(),
  /** Who wanted the stop. */
  why: z.enum(["heal", "person", "shutdown"]).optional(),
  waitsFor: z.string().optional(),
  /** Milliseconds since the epoch. */
  at: z.number(),
});

/** `pids/ID.json`. */
export type PidRecord = z.infer<typeof recordSchema>;

/** `intent/ID.json`: what is being done to a process, written before it is done. */
export type Intent = z.infer<typeof intentSchema>;

/**
 * The files that say which processes healq started and what it was doing to them. Written without fsync: they must
 * survive our death, and after the machine's no process of theirs lives (the boot id says so).
 */
export interface Ledger {
  record(id: string): PidRecord | undefined;
  writeRecord(id: string, record: PidRecord): void;
  /** `pids/ID.pid`, for scripts; undefined removes it. */
  writePid(id: string, pid: number | undefined): void;
  intent(id: string): Intent | undefined;
  writeIntent(id: string, intent: Intent): void;
  clearIntent(id: string): void;
  /** Why an intent cannot be written now; undefined when it can. Writes one, and removes it: about 100 µs. */
  unwritable(): string | undefined;
  /** The ids that have an intent file, readable or not. */
  intentIds(): string[];
  /** Path of the process' FIFO. */
  fifo(id: string): string;
  /** See `ProcessView.copies`. */
  copies(): ReadonlyMap<string, readonly number[]>;
  /** Removes all files of a process that is gone for good. */
  forget(id: string): void;
}

const quick = { durable: false } as const;

/** Opens the ledger of a `stateDir`; its folders are made when something is first written. */
export function openLedger(stateDir: string): Ledger {
  const known = new Map<string, ProcessFiles>();
  const files = (id: string) => {
    const paths = known.get(id) ?? processFiles(stateDir, id);
    known.set(id, paths);
    return paths;
  };
  const readRecord = createJsonReader(recordSchema);
  const readIntent = createJsonReader(intentSchema);
  return {
    record: (id) => readRecord(files(id).record),
    writeRecord: (id, record) => writeAtomic(files(id).record, `${JSON.stringify(record)}\n`, quick),
    writePid: (id, pid) => {
      if (pid === undefined) rmSync(files(id).pid, { force: true });
      else writeAtomic(files(id).pid, `${pid}\n`, { ...quick, mode: 0o644 });
    },
    intent: (id) => readIntent(files(id).intent),
    writeIntent: (id, intent) => writeAtomic(files(id).intent, `${JSON.stringify(intent)}\n`, quick),
    clearIntent: (id) => rmSync(files(id).intent, { force: true }),
    unwritable: () => tryToWrite(stateDir),
    intentIds: () => idsIn(join(stateDir, "intent")),
    fifo: (id) => files(id).fifo,
    copies: createCopyList(join(stateDir, "pids")),
    forget: (id) => {
      for (const path of Object.values(files(id))) rmSync(path, { force: true });
    },
  };
}

/** As much as an intent and an identity take together, in bytes, with room to spare. */
const probeSize = 8_192;

function tryToWrite(stateDir: string): string | undefined {
  const path = join(stateDir, "intent", ".probe");
  try {
    writeAtomic(path, " ".repeat(probeSize), quick);
    rmSync(path, { force: true });
    return undefined;
  } catch (error) {
    return messageOf(error).replace(path, stateDir);
  }
}

function idsIn(folder: string): string[] {
  makeFolder(folder, 0o700);
  return readdirSync(folder)
    .filter((name) => name.endsWith(".json"))
    .map((name) => name.slice(0, -".json".length));
}

/** The record as checks, remedies and the CLI see it. */
export function toProcessRecord(record: PidRecord | undefined, intent: Intent | undefined): ProcessRecord {
  const waitsFor = intent?.stage === "waiting" ? intent.waitsFor : undefined;
  const restarting = intent?.op === "restart" || intent?.stage === "spawning";
  return {
    ...(record?.identity && { identity: record.identity }),
    ...(record?.startedAt !== undefined && { startedAt: record.startedAt }),
    ...(record?.exit && { exit: record.exit }),
    ...(record?.startError !== undefined && { startError: record.startError }),
    ...(record?.stoppedByPerson && { stoppedByPerson: true }),
    ...(record?.calledOff && { calledOff: true }),
    ...(record?.backgrounded && { backgrounded: true }),
    ...(waitsFor !== undefined && { waitsFor }),
    ...(restarting && { restartingSince: intent.at }),
  };
}
