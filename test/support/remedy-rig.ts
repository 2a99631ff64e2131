import { onTestFinished } from "vitest";
import { processSpecOf } from "../../src/checks/process.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createMemories } from "../../src/look/memories.ts";
import type { Finding } from "../../src/model/finding.ts";
import type { RemedyContext, RemedyResult } from "../../src/model/remedy.ts";
import type { Target } from "../../src/model/target.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { openProcesses, type Processes } from "../../src/system/processes.ts";
import { prepareStateDir } from "../../src/system/state-dir.ts";
import { scratch } from "./scratch.ts";

/** Everything a remedy needs, real: the processes of a stateDir of its own. */
export interface RemedyRig {
  readonly stateDir: string;
  readonly processes: Processes;
  /** A context and the lines that were said in it. */
  context(
    target: Target,
    more?: Partial<RemedyContext>,
  ): RemedyContext & { readonly said: readonly string[] };
  plan(remedy: string, target: Target, params?: unknown): Promise<readonly string[]>;
  apply(
    remedy: string,
    target: Target,
    params?: unknown,
  ): Promise<RemedyResult & { readonly said: readonly string[] }>;
}

/** Opens one; what was started in it is ended with the current test. */
export function remedyRig(more: Partial<RemedyContext> = {}): RemedyRig {
  const stateDir = scratch();
  prepareStateDir(stateDir);
  const processes = openProcesses({
    stateDir,
    specOf: (target) => processSpecOf(target, stateDir),
    clock: systemClock,
    log: () => undefined,
  });
  const memoryOf = createMemories();
  onTestFinished(() => memoryOf.close());
  const started = new Map<string, Target>();
  onTestFinished(async () => {
    for (const target of started.values()) await processes.stop(target, "shutdown");
    processes.close();
  });
  const watched: Processes = {
    ...processes,
    start: (target, signal) => {
      started.set(target.id, target);
      return processes.start(target, signal);
    },
  };
  const context: RemedyRig["context"] = (target, others = {}) => {
    const said: string[] = [];
    const idle = new AbortController().signal;
    const base = {
      target,
      processes: watched,
      memory: memoryOf(target.id),
      signal: idle,
      step: (line: string) => said.push(line),
      mayGoOn: async () => undefined,
    };
    return { ...base, ...more, ...others, said };
  };
  const definition = (name: string) => {
    const remedy = remedyOf(name);
    if (remedy === undefined) throw new Error(`there is no remedy ${name}`);
    return remedy;
  };
  const parsed = (name: string, params: unknown) => definition(name).schema.parse(params ?? {});
  return {
    stateDir,
    processes: watched,
    context,
    plan: async (name, target, params) => definition(name).plan(context(target), parsed(name, params)),
    apply: async (name, target, params) => {
      const given = context(target);
      return { ...(await definition(name).apply(given, parsed(name, params))), said: given.said };
    },
  };
}

/** A fault as a check would have found it. */
export const staleFinding: Finding = {
  symptom: "file.stale",
  severity: "critical",
  fact: false,
  message: "weights.json has not been written for 2d (at most 24h)",
  evidence: {},
};
