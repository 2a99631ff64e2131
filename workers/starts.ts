import { setMaxListeners } from "node:events";
import type { HealContext } from "../jobs/context.ts";
import { lookUntil } from "../jobs/heal/look-until-well.ts";
import { pauseOf } from "../jobs/pause-of.ts";
import { messageOf } from "../src/model/errors.ts";
import type { TargetState } from "../src/model/state.ts";
import { meetsNeed } from "../src/model/status.ts";
import type { Target } from "../src/model/target.ts";
import type { Processes } from "../src/system/processes.ts";
import type { StatusBoard } from "./board.ts";

/** Starts what is to run when healq comes up: needs first, dependants once their needs are ok. No incident, no budget. */
export interface Starts {
  /** Starts what may be started now; done again by itself whenever a status changes. Resolves when those are started. */
  proceed(): Promise<void>;
  stop(): void;
}

/**
 * `targets` are the processes that healq starts and that do not run. One that a person stopped, one that healq gave up, and
 * everything under the kill switch is left as it is.
 */
export function createStarts(options: {
  targets: readonly Target[];
  context: HealContext;
  processes: Processes;
  board: StatusBoard;
  /** The newest state of a target on whatever node it is. */
  stateOf(id: string): Promise<TargetState | undefined>;
}): Starts {
  const { context, processes, board, stateOf } = options;
  const waiting = new Map(options.targets.map((target) => [target.id, target]));
  const stopping = new AbortController();
  // Each start listens to it: Node would warn of the eleventh.
  setMaxListeners(0, stopping.signal);

  /** A need of this node is on the board; one of another node is asked for. */
  const unmet = async (target: Target) => {
    const statuses = await Promise.all(
      target.needs.map(async (need) => board.status(need) ?? (await stateOf(need))?.status),
    );
    const named = (need: string): string => {
      const trouble = board.trouble(need);
      return trouble === undefined ? need : `${need} (${trouble})`;
    };
    return target.needs.filter((_need, i) => !meetsNeed(statuses[i])).map(named);
  };
  const proceedOne = async (target: Target) => {
    const needs = await unmet(target);
    if (stopping.signal.aborted || !waiting.has(target.id)) return;
    if (needs.length > 0) processes.waiting(target.id, needs.join(", "));
    else if (waiting.delete(target.id))
      await startOne(target, { context, processes, signal: stopping.signal });
  };
  const proceed = async () => {
    await Promise.all([...waiting.values()].map(proceedOne));
  };
  board.onChange(() => {
    if (waiting.size > 0) proceed().catch((error) => context.log.error({}, `at start: ${messageOf(error)}`));
  });
  return {
    proceed,
    stop: () => {
      stopping.abort();
      for (const id of waiting.keys()) processes.clearWaiting(id);
    },
  };
}

interface Starting {
  readonly context: HealContext;
  readonly processes: Processes;
  readonly signal: AbortSignal;
}

/** Its dependants wait for it, and need not wait for its next tick: it is looked at until it is no longer `starting`. */
async function lookUntilStarted(target: Target, { context, signal }: Starting): Promise<void> {
  await lookUntil((look) => look.status !== "unknown", { context, target, signal });
  if (!signal.aborted) await context.dispatch.look([target.id]);
}

async function startOne(target: Target, starting: Starting): Promise<void> {
  const { context, processes, signal } = starting;
  const { clock, wishes } = context;
  await context.locks
    .hold(target.id, signal, async (held) => {
      const paused = pauseOf(await context.pauses(), target.id, clock.now());
      const state = (await context.storeOf(target).read([target.id])).get(target.id)?.state;
      const why =
        wishes.stopped(target.id) !== undefined
          ? "a person stopped it"
          : paused !== undefined
            ? `paused by ${paused.reason}`
            : state?.phase === "gave-up"
              ? state.reason
              : undefined;
      if (why !== undefined) {
        processes.clearWaiting(target.id);
        context.log.info({ target: target.id }, `${target.id} is not started: ${why}`);
        return;
      }
      const { pid, adopted } = await processes.start(target, held);
      const reason = adopted ? `it already ran, pid ${pid}` : "healq came up";
      const note = {
        at: clock.now(),
        event: "target.started" as const,
        target: target.id,
        action: "start",
        reason,
        details: { pid },
      };
      await context.storeOf(target).note([note]);
      lookUntilStarted(target, starting).catch(() => undefined); // the next tick looks
    })
    .catch((error: unknown) => {
      // The look that follows finds it dead, with the reason, and policy takes over.
      context.log.warn({ target: target.id }, `${target.id} did not start: ${messageOf(error)}`);
    });
  await context.dispatch.look([target.id]);
}
