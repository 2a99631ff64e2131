/** Opens processes over a scratch stateDir for the tests of this folder, and ends what they started. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import type { ExitInfo, ProcessSpec } from "../../src/model/process.ts";
import type { Target } from "../../src/model/target.ts";
import { markerPrefix } from "../../src/system/members.ts";
import { openProcesses, type Processes } from "../../src/system/processes.ts";
import { environValue, listProcesses } from "../../src/system/procfs.ts";
import { prepareStateDir } from "../../src/system/state-dir.ts";
import { scratch } from "../support/scratch.ts";
import { makeTarget } from "../support/target.ts";

/** A process target's spec with the contract's defaults. */
export function makeSpec(
  stateDir: string,
  id: string,
  more: Partial<ProcessSpec> & Pick<ProcessSpec, "run">,
): ProcessSpec {
  return {
    id,
    cwd: stateDir,
    env: {},
    stop: { signal: "SIGTERM", timeout: 3_000 },
    startGrace: 10_000,
    stableFor: 1_000,
    log: { path: join(stateDir, "logs", `${id}.log`), maxSize: 10_000_000, keep: 5 },
    restart: "always",
    exitCodes: [0],
    ...more,
  };
}

export interface SeenExit {
  readonly id: string;
  readonly exit: ExitInfo;
  readonly expected: boolean;
  readonly at: number;
}

export interface Bench {
  readonly stateDir: string;
  readonly lines: string[];
  target(id: string, spec: Partial<ProcessSpec> & Pick<ProcessSpec, "run">): Target;
  /** One more `openProcesses` on the same stateDir, as the next healq would do it. */
  open(): { processes: Processes; exits: SeenExit[] };
  /** What the process wrote. */
  output(id: string): string;
}

/** A scratch stateDir; at the end of the test everything that carries its marker is killed. */
export function bench(): Bench {
  const stateDir = scratch();
  prepareStateDir(stateDir);
  const opened: Processes[] = [];
  const lines: string[] = [];
  onTestFinished(() => {
    for (const processes of opened) processes.close();
    killMarked(stateDir);
  });
  return {
    stateDir,
    lines,
    target: (id, spec) => makeTarget(id, makeSpec(stateDir, id, spec)),
    open: () => {
      const exits: SeenExit[] = [];
      const processes = openProcesses({
        stateDir,
        // Every target of these tests was made with a ProcessSpec as its spec.
        specOf: (target) => target.spec as ProcessSpec,
        clock: { now: () => Date.now() },
        log: (line) => lines.push(line),
      });
      processes.onExit((id, exit, { expected }) => exits.push({ id, exit, expected, at: performance.now() }));
      opened.push(processes);
      return { processes, exits };
    },
    output: (id) => readFileSync(join(stateDir, "logs", `${id}.log`), "utf8"),
  };
}

/** The pids of living processes that carry the marker of this stateDir's target. */
export function copiesOf(stateDir: string, id: string): number[] {
  const prefix = markerPrefix(stateDir, id);
  return listProcesses()
    .filter(
      (entry) =>
        entry.stat.state !== "Z" && environValue(entry.pid, "HEALQ_INSTANCE")?.startsWith(prefix) === true,
    )
    .map((entry) => entry.pid);
}

function killMarked(stateDir: string): void {
  const hash = markerPrefix(stateDir, "").split("/")[0];
  for (const entry of listProcesses()) {
    if (environValue(entry.pid, "HEALQ_INSTANCE")?.startsWith(`${hash}/`) === true) kill(entry.pid);
  }
}

/** SIGKILL to a process of this test; gone is fine. */
export function kill(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

/** Files that an atomic write left behind. */
export function leftOvers(stateDir: string): string[] {
  return ["pids", "intent"].flatMap((folder) =>
    readdirSync(join(stateDir, folder)).filter((name) => name.endsWith(".tmp")),
  );
}
