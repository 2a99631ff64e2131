import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import { duration } from "../lib/fields.ts";
import { defineRemedy, type RemedyContext, type RemedyResult } from "../model/remedy.ts";
import { sameIdentity } from "../system/procfs.ts";
import { endOne } from "../system/signals.ts";
import { type Release, releaseOf } from "./lock-holder.ts";
import { askForHeal, healLine } from "./other-target.ts";
import { checkpointStep, filesNow, quickCheckStep } from "./sqlite-steps.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({
  timeout: duration()
    .prefault("5s")
    .describe("How long the holder may take to end after SIGTERM; then SIGKILL. Default: 5s."),
  within: duration()
    .prefault("5s")
    .describe("How long recovery and checkpoint wait for other readers and writers. Default: 5s."),
  quickCheck: duration()
    .prefault("30s")
    .describe("How long quick_check may take afterwards; what is not finished then is left. Default: 30s."),
});

type Params = z.output<typeof schema>;

/**
 * Has the write lock of a database let go: a holder that is a target is healed; one that `holders:` names, or that was left behind
 * (stopped, orphaned) for `lockedFor`, is ended; any other is left alone. Then SQLite recovers the database. `-wal` and `-shm` are
 * never touched: they hold what was committed. Source: sqlite.org/howtocorrupt.html, §1.4.
 */
export const releaseLock = defineRemedy<Params>({
  remedy: "release-lock",
  summary: "stops whoever holds the write lock too long, and lets SQLite recover",
  schema,
  kinds: ["sqlite"],
  cures: true,
  plan: async (context, params) => {
    const release = releaseOf(context);
    return release.by === "target"
      ? [healLine(release.target)]
      : linesOf(stepsOf(release, { context, params }));
  },
  apply: async (context, params): Promise<RemedyResult> => {
    const release = releaseOf(context);
    if (release.by !== "target") return takeSteps(stepsOf(release, { context, params }), context);
    context.signal.throwIfAborted();
    const { followUps, details } = askForHeal(context, release.target);
    return { ...(followUps && { followUps }), details: { ...details, holder: release.holder.identity.pid } };
  },
});

function stepsOf(
  release: Exclude<Release, { by: "target" }>,
  { context, params }: { context: RemedyContext; params: Params },
): CureStep[] {
  const { path } = filesNow(context.target);
  const first: CureStep =
    release.by === "stop"
      ? stopStep(release, { context, timeout: params.timeout })
      : { line: `${path}: ${release.why}, so nobody is stopped`, act: async () => undefined };
  const recover = checkpointStep(context, { within: params.within, mustEmpty: false });
  return [first, recover, quickCheckStep(context, params.quickCheck)];
}

function stopStep(
  { holder, why }: Extract<Release, { by: "stop" }>,
  { context, timeout }: { context: RemedyContext; timeout: number },
): CureStep {
  return {
    line: `stop ${holder.name}, which holds the write lock (${why}), with SIGTERM, SIGKILL after ${formatDuration(timeout)}`,
    act: async () => {
      // Asked for a slot, and for a person's word, since: only what still holds the lock is signalled.
      const now = releaseOf(context);
      if (now.by !== "stop" || !sameIdentity(now.holder.identity, holder.identity))
        return { holder: holder.identity.pid, endedBy: null };
      const endedBy = await endOne(holder.identity, { signal: "SIGTERM", timeout }, context.signal);
      return { holder: holder.identity.pid, command: holder.command, endedBy };
    },
    isHalf: true,
  };
}
