import type { Observation } from "../src/model/observation.ts";
import type { Status } from "../src/model/status.ts";
import type { Payloads } from "../src/queues/catalogue.ts";
import type { LookContext } from "./context.ts";

/** The return value of `check:run`: counts by status, and what is not ok. */
export interface CheckResult {
  readonly counts: Readonly<Record<Status, number>>;
  readonly findings: readonly {
    readonly target: string;
    readonly status: Status;
    readonly message: string;
  }[];
  /** Targets whose last look was still running. */
  readonly skipped: readonly string[];
  /** Targets this node does not have. */
  readonly unknown: readonly string[];
}

/** A look that was asked for while another one ran is tried again at the next multiple of this, in milliseconds. */
const againEvery = 250;

/**
 * Looks at the targets, all at once, and has each recorded as soon as it was looked at: those that answer in the same
 * turn of the event loop together, and nobody waits for a slow one. A target whose last look still runs is
 * skipped; the next tick is soon there, but what an event has to tell (an exit) that look may have been too early for,
 * so then it is looked at again.
 */
export async function runCheck(
  ids: readonly string[],
  trigger: Payloads["check:run"]["trigger"],
  context: LookContext,
): Promise<CheckResult> {
  const targets = ids.flatMap((id) => context.config.targets.get(id) ?? []);
  const counts = { ok: 0, warning: 0, critical: 0, unknown: 0 };
  const findings: CheckResult["findings"][number][] = [];
  const recording: Promise<void>[] = [];
  let fresh: Observation[] = [];

  const flush = () => {
    const batch = fresh;
    fresh = [];
    const recorded = context.record(batch);
    recorded.catch(() => undefined); // awaited below; a look that comes first must not make it "unhandled"
    recording.push(recorded);
  };
  const { skipped } = await context.looker.look(targets, (observation) => {
    counts[observation.status] += 1;
    if (observation.status !== "ok") {
      findings.push({
        target: observation.target,
        status: observation.status,
        message: observation.message,
      });
    }
    if (fresh.push(observation) === 1) setImmediate(flush);
  });
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all(recording);
  // At a common time, so that many of them are one.
  if (trigger !== "cron" && skipped.length > 0)
    await context.dispatch.look(skipped, againEvery - (context.clock.now() % againEvery));
  return { counts, findings, skipped, unknown: ids.filter((id) => !context.config.targets.has(id)) };
}
