import type { HealContext } from "../jobs/context.ts";
import { pauseOf } from "../jobs/pause-of.ts";
import { instancesOf } from "../src/model/copies.ts";
import { messageOf } from "../src/model/errors.ts";
import { describeStopped } from "../src/model/process.ts";
import type { Target } from "../src/model/target.ts";
import type { Processes } from "../src/system/processes.ts";

/**
 * Ends the copies that were started when `instances` was higher: like the starts when healq comes up it is what the config
 * says, so no incident and no budget. Not while the target is paused: then its looks tell of them. Nobody waits for it.
 */
export function endSurplus(
  targets: readonly Target[],
  { context, processes }: { context: HealContext; processes: Processes },
): void {
  for (const target of targets) {
    const count = instancesOf(target.spec);
    if (
      processes
        .copies()
        .get(target.id)
        ?.some((copy) => copy > count) !== true
    )
      continue;
    endOf(target, { context, processes }).catch((error) =>
      context.log.warn({ target: target.id }, `${target.id}: ${messageOf(error)}`),
    );
  }
}

async function endOf(
  target: Target,
  { context, processes }: { context: HealContext; processes: Processes },
): Promise<void> {
  const { id } = target;
  await context.locks.hold(id, AbortSignal.timeout(60_000), async (signal) => {
    if (pauseOf(await context.pauses(), id, context.clock.now()) !== undefined) return;
    const ended = await processes.stopSurplus(target, signal);
    if (ended.pid === null) return;
    const reason = `${instancesOf(target.spec)} are wanted now: ${describeStopped(ended)}`;
    const event = "target.stopped" as const;
    await context
      .storeOf(target)
      .note([{ at: context.clock.now(), event, target: id, action: "stop", reason }]);
  });
  await context.dispatch.look([id]);
}
