import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { monitMissing, startMonit } from "../peers/monit.ts";
import { pm2Missing, startPm2 } from "../peers/pm2.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { startHealq } from "../support/healq.ts";

/** What watches some targets that are all well. */
export interface Subject {
  readonly name: string;
  readonly config: string;
  /** Why it cannot watch so many; undefined when it can. */
  cannot(count: number): string | undefined;
  start(count: number, folder: string, cleanup: Cleanup): Promise<Watching>;
}

/** A subject at work. */
export interface Watching {
  /** Its own processes, without what it watches. */
  pids(): number[];
  /** Of healq alone: where its record is. */
  readonly stateDir?: string;
}

const everyTenSeconds = { every: "10s" };
const sleeping = ["sleep", "100000"];

/** healq with files. */
export const healqFiles: Subject = {
  name: "healq + Redis, files",
  config: "defaults: { every: 10s }; { kind: file, path: …, maxAge: 1d, minSize: 1 }",
  cannot: () => undefined,
  start: (count, folder, cleanup) => {
    const target = (path: string) => ({ kind: "file", path, maxAge: "1d", minSize: 1 });
    const targets = makeFiles(folder, count).map((path, i) => [`t${i}`, target(path)]);
    return startHealq(folder, { defaults: everyTenSeconds, targets: Object.fromEntries(targets) }, cleanup);
  },
};

/** healq with processes that it runs; for as many as a machine bears. */
export function healqProcesses(most: number): Subject {
  return {
    name: "healq + Redis, processes",
    config: "defaults: { every: 10s }; { kind: process, run: [sleep, 100000] }",
    cannot: (count) => tooMany(count, most),
    start: (count, folder, cleanup) => {
      const targets = Array.from({ length: count }, (_, i) => [`t${i}`, { kind: "process", run: sleeping }]);
      return startHealq(folder, { defaults: everyTenSeconds, targets: Object.fromEntries(targets) }, cleanup);
    },
  };
}

/** monit with the same files. */
export const monitFiles: Subject = {
  name: "monit, files",
  config:
    "set daemon 10; check file … with path … if timestamp > 1 day then alert if size < 1 byte then alert",
  cannot: monitMissing,
  start: async (count, folder, cleanup) => {
    const rules = "if timestamp > 1 day then alert if size < 1 byte then alert";
    const checks = makeFiles(folder, count).map((path, i) => `check file t${i} with path ${path} ${rules}`);
    const { pid } = await startMonit(folder, { checks, cycle: 10 }, cleanup);
    return { pids: () => [pid] };
  },
};

/** pm2 with the same processes: it watches nothing else. */
export function pm2Processes(most: number): Subject {
  return {
    name: "pm2, processes",
    config: "{ script: sleep, args: 100000, interpreter: none }",
    cannot: (count) => pm2Missing() ?? tooMany(count, most),
    start: async (count, folder, cleanup) => {
      const app = { script: "sleep", args: "100000", interpreter: "none", autorestart: true };
      const logs = { out_file: "/dev/null", error_file: "/dev/null" };
      const apps = Array.from({ length: count }, (_, i) => ({ name: `t${i}`, ...app, ...logs }));
      const { pid } = await startPm2(folder, apps, cleanup);
      // Its children are the workers.
      return { pids: () => [pid] };
    },
  };
}

function makeFiles(folder: string, count: number): string[] {
  mkdirSync(join(folder, "files"));
  return Array.from({ length: count }, (_, i) => {
    const path = join(folder, "files", String(i));
    writeFileSync(path, "{}\n");
    return path;
  });
}

function tooMany(count: number, most: number): string | undefined {
  return count > most ? `n/a: that many processes (--processes ${most})` : undefined;
}
