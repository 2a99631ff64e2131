import type { Clock } from "../lib/clock.ts";
import type { AnyKind } from "../model/kind.ts";
import type { Look, Observation } from "../model/observation.ts";
import type { CallView, ProcessView, SharedWork } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { createFiles } from "../system/remote-stat.ts";
import { boundedLook } from "./bounded-look.ts";
import { LookContext } from "./look-context.ts";
import { createMemories, type MemoryOf } from "./memories.ts";
import { redacted } from "./redacted.ts";
import { createSharedWork } from "./shared-work.ts";
import { inTurns } from "./turns.ts";

/** What a looker needs. */
export interface LookerOptions {
  readonly kindOf: (kind: string) => AnyKind | undefined;
  readonly processes: ProcessView;
  readonly clock: Clock;
  /** Default: no calls can be known of. */
  readonly calls?: CallView;
  /** What checks remember of a target; lookers that share it see the same past. Default: the looker's own, which ends with it. */
  readonly memoryOf?: MemoryOf;
  /** Removes secrets from a text. Default: nothing is secret. */
  readonly redact?: (text: string) => string;
}

/** Runs batches of looks. One per process: it remembers which looks are still running, and what checks remember. */
export interface Looker {
  /**
   * Looks at all targets at once, at one that is named twice once, each under its own timeout, and hands over each observation as its look ends. A target
   * whose last look is still running, also one that was given up, is not looked at but listed in `skipped`. Resolves when
   * every look has ended or timed out. No fault of a look makes it reject; it does when `deliver` threw, after all others were delivered.
   */
  look(
    targets: readonly Target[],
    deliver: (observation: Observation) => void,
  ): Promise<{ skipped: string[] }>;
  /** Ends the helper processes that look at files, and what checks keep open if the memory is the looker's own. Idempotent. */
  close(): void;
}

/** Makes a looker. It needs no Redis: `healq check` uses one too. */
export function createLooker(options: LookerOptions): Looker {
  const files = createFiles();
  const own = createMemories();
  const memoryOf = options.memoryOf ?? own;
  const redact = options.redact ?? ((text) => text);
  const running = new Set<string>();

  const { clock, processes, calls } = options;
  const ports = { now: () => clock.now(), processes, files, ...(calls === undefined ? {} : { calls }) };

  /** Most looks are over at once, and then nothing is waited for: a promise and a timer cost more than they do. */
  const lookAt = (target: Target, shared: SharedWork): Promise<Observation> | Observation => {
    const at = clock.now();
    const began = performance.now();
    const observed = (look: Look): Observation => {
      const durationMs = Math.round((performance.now() - began) * 10) / 10;
      return { ...redacted(look, redact), target: target.id, kind: target.kind, at, durationMs };
    };
    const bounded = boundedLook((abort) => {
      const kind = options.kindOf(target.kind);
      if (kind === undefined) throw new Error(`there is no kind ${target.kind}`);
      return kind.observe(target, new LookContext(ports, { abort, shared, memory: memoryOf(target.id) }));
    }, target.timeout);
    if (!("ended" in bounded)) return observed(bounded);
    running.add(target.id);
    bounded.ended.then(() => running.delete(target.id));
    return bounded.look.then(observed);
  };

  return {
    look: async (targets, deliver) => {
      const shared = createSharedWork();
      const skipped: string[] = [];
      const looks: Promise<void>[] = [];
      const { handOver, failures } = collecting(deliver);
      await inTurns(new Set(targets), (target) => {
        if (running.has(target.id)) {
          skipped.push(target.id);
          return;
        }
        const observation = lookAt(target, shared);
        if (observation instanceof Promise) looks.push(observation.then(handOver));
        else handOver(observation);
      });
      await Promise.all(looks);
      if (failures.length > 0) throw failures[0];
      return { skipped };
    },
    close: () => {
      files.close();
      own.close();
    },
  };
}

/** Hands over to `deliver` what there is, whatever it threw before. */
function collecting(deliver: (observation: Observation) => void) {
  const failures: unknown[] = [];
  const handOver = (observation: Observation): void => {
    try {
      deliver(observation);
    } catch (error) {
      failures.push(error);
    }
  };
  return { handOver, failures };
}
