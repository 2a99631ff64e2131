import type { Clock } from "../lib/clock.ts";
import type { AnyKind, CheckContext } from "../model/kind.ts";
import type { Look, Observation } from "../model/observation.ts";
import type { FileView, ProcessView, SharedWork } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { createFiles } from "../system/remote-stat.ts";
import { boundedLook } from "./bounded-look.ts";
import { createMemories, type MemoryOf } from "./memories.ts";
import { redacted } from "./redacted.ts";
import { createSharedWork } from "./shared-work.ts";
import { inTurns } from "./turns.ts";

/** What a looker needs. */
export interface LookerOptions {
  readonly kindOf: (kind: string) => AnyKind | undefined;
  readonly processes: ProcessView;
  readonly clock: Clock;
  /** What checks remember of a target; lookers that share it see the same past. Default: the looker's own. */
  readonly memoryOf?: MemoryOf;
  /** Removes secrets from a text. Default: nothing is secret. */
  readonly redact?: (text: string) => string;
}

/** Runs batches of looks. One per process: it remembers which looks are still running, and what checks remember. */
export interface Looker {
  /**
   * Looks at all targets at once, each under its own timeout, and hands over each observation as its look ends. A target
   * whose last look is still running, also one that was given up, is not looked at but listed in `skipped`. Resolves when
   * every look has ended or timed out. No fault of a look makes it reject; it does when `deliver` threw, after all others were delivered.
   */
  look(
    targets: readonly Target[],
    deliver: (observation: Observation) => void,
  ): Promise<{ skipped: string[] }>;
  /** Ends the helper processes that look at files. Idempotent. */
  close(): void;
}

/** Makes a looker. It needs no Redis: `healq check` uses one too. */
export function createLooker(options: LookerOptions): Looker {
  const files = createFiles();
  const memoryOf = options.memoryOf ?? createMemories();
  const redact = options.redact ?? ((text) => text);
  const running = new Set<string>();

  const observe = (target: Target, signal: AbortSignal, shared: SharedWork): Promise<Look> | Look => {
    const kind = options.kindOf(target.kind);
    if (kind === undefined) throw new Error(`there is no kind ${target.kind}`);
    return kind.observe(target, { ...ports(options, files), signal, shared, memory: memoryOf(target.id) });
  };

  const lookAt = async (target: Target, shared: SharedWork): Promise<Observation> => {
    const at = options.clock.now();
    const began = performance.now();
    running.add(target.id);
    const { look, ended } = boundedLook((signal) => observe(target, signal, shared), target.timeout);
    ended.then(() => running.delete(target.id));
    const answer = redacted(await look, redact);
    const durationMs = Math.round((performance.now() - began) * 10) / 10;
    return { ...answer, target: target.id, kind: target.kind, at, durationMs };
  };

  return {
    look: async (targets, deliver) => {
      const shared = createSharedWork();
      const skipped: string[] = [];
      const looks: Promise<void>[] = [];
      await inTurns(targets, (target) => {
        if (running.has(target.id)) skipped.push(target.id);
        else looks.push(lookAt(target, shared).then(deliver));
      });
      const failed = (await Promise.allSettled(looks)).find((result) => result.status === "rejected");
      if (failed !== undefined) throw failed.reason;
      return { skipped };
    },
    close: () => files.close(),
  };
}

function ports(options: LookerOptions, files: FileView): Pick<CheckContext, "now" | "processes" | "files"> {
  return { now: () => options.clock.now(), processes: options.processes, files };
}
