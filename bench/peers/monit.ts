import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Cleanup } from "../support/cleanup.ts";
import { notInstalled, type Peer, type Worker } from "./peer.ts";
import { endProgram, findProgram, startProgram } from "./program.ts";

/** A monit of the bench's own. */
export interface RunningMonit {
  readonly pid: number;
  stop(): Promise<void>;
}

/** Why there is no monit; undefined when there is one. */
export function monitMissing(): string | undefined {
  return findProgram("monit") === undefined ? notInstalled : undefined;
}

/** Starts a monit that goes through `checks` (statements of its language) every `cycle` seconds. */
export async function startMonit(
  folder: string,
  { checks, cycle }: { checks: readonly string[]; cycle: number },
  cleanup: Cleanup,
): Promise<RunningMonit> {
  const file = join(folder, "monitrc");
  const own = ["log", "pid", "id", "state"].map((what) => `set ${what}file ${join(folder, `monit.${what}`)}`);
  writeFileSync(file, `${[`set daemon ${cycle}`, ...own, ...checks].join("\n")}\n`, { mode: 0o700 });
  const argv = [findProgram("monit") ?? "", "-I", "-c", file];
  const child = startProgram(argv, { log: join(folder, "monit.out") });
  const stop = cleanup.add(() => endProgram(child));
  return { pid: child.pid ?? 0, stop };
}

/** monit, with its shortest cycle: one second. It does not end what it has started, so that is done here. */
export const monit: Peer = {
  name: "monit",
  noticesHangs: true,
  missing: monitMissing,
  start: async ({ workers, folder, cleanup }) => {
    cleanup.add(() => workers.forEach(kill));
    await startMonit(folder, { checks: workers.flatMap(checksOf), cycle: 1 }, cleanup);
    const [first] = workers;
    return {
      config: `set daemon 1; check process … with pidfile …${first?.beatFile === undefined ? "" : "; check file … if timestamp > 2 seconds then exec kill -9"}`,
      settled: () => true,
      state: () => "—",
    };
  },
};

function checksOf({ id, argv, pidFile, beatFile }: Worker): string[] {
  const start = `/bin/sh -c 'exec ${argv.join(" ")} </dev/null >/dev/null 2>&1 &'`;
  const lives = `check process ${id} with pidfile ${pidFile} start program = "${start}"`;
  if (beatFile === undefined) return [lives];
  const end = `/bin/sh -c 'kill -9 $(head -n 1 ${pidFile})'`;
  return [lives, `check file ${id}_beat with path ${beatFile} if timestamp > 2 seconds then exec "${end}"`];
}

function kill({ pidFile }: Worker): void {
  try {
    process.kill(Number(readFileSync(pidFile, "utf8").split("\n")[0]), "SIGKILL");
  } catch {
    // It did not run.
  }
}
