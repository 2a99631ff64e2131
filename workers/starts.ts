import type { HealContext } from "../jobs/context.ts";
import { lookUntilWell } from "../jobs/heal/look-until-well.ts";
import { pauseOf } from "../jobs/surroundings.ts";
import { messageOf } from "../src/model/errors.ts";
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
}): Starts {
  const { context, processes, board } = options;
  const waiting = new Map(options.targets.map((target) => [target.id, target]));
  const stopping = new AbortController();

  const unmet = (target: Target) => target.needs.filter((need) => !meetsNeed(board.status(need)));
  const proceed = async () => {
    const starting: Promise<void>[] = [];
    for (const target of [...waiting.values()]) {
      if (stopping.signal.aborted) break;
      const needs = unmet(target);
      if (needs.length > 0) {
        processes.waiting(target.id, needs.join(", "));
        continue;
      }
      waiting.delete(target.id);
      starting.push(startOne(target, { context, processes, signal: stopping.signal }));
    }
    await Promise.all(starting);
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

async function startOne(
  target: Target,
  { context, processes, signal }: { context: HealContext; processes: Processes; signal: AbortSignal },
): Promise<void> {
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
    })
    .catch((error: unknown) => {
      // The look that follows finds it dead, with the reason, and policy takes over.
      context.log.warn({ target: target.id }, `${target.id} did not start: ${messageOf(error)}`);
    });
  await context.dispatch.look([target.id]);
  lookOnceWell(target, { context, signal }).catch((error) =>
    context.log.warn({ target: target.id }, `after its start: ${messageOf(error)}`),
  );
}

/** Those that need it are not kept waiting for the next tick: it is looked at as soon as it has shown that it works. */
async function lookOnceWell(
  target: Target,
  { context, signal }: { context: HealContext; signal: AbortSignal },
): Promise<void> {
  await lookUntilWell(context, target, signal);
  if (!signal.aborted) await context.dispatch.look([target.id]);
}
