import type { LookRecord } from "../src/model/fleet.ts";
import type { Observation } from "../src/model/observation.ts";
import type { TargetState } from "../src/model/state.ts";
import { isBad, meetsNeed, type Status } from "../src/model/status.ts";
import type { Target } from "../src/model/target.ts";
import { decide } from "../src/policy/decide.ts";
import { initialState } from "../src/policy/initial.ts";
import type { Payloads } from "../src/queues/catalogue.ts";
import { changeState } from "../src/store/change.ts";
import type { TargetStore } from "../src/store/target-store.ts";
import type { CheckContext } from "./context.ts";
import { incidentAfter, notesOf } from "./marks.ts";
import { takeSteps } from "./steps.ts";

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
 * Looks at the targets, all at once, and decides for each as soon as it was looked at: those that answer in the same
 * turn of the event loop are recorded together, and nobody waits for a slow one. A target whose last look still runs is
 * skipped; the next tick is soon there, but what an event has to tell (an exit) that look may have been too early for,
 * so then it is looked at again.
 */
export async function runCheck(
  ids: readonly string[],
  trigger: Payloads["check:run"]["trigger"],
  context: CheckContext,
): Promise<CheckResult> {
  const targets = ids.flatMap((id) => context.config.targets.get(id) ?? []);
  const counts = { ok: 0, warning: 0, critical: 0, unknown: 0 };
  const findings: CheckResult["findings"][number][] = [];
  const recording: Promise<void>[] = [];
  let fresh: Observation[] = [];

  const flush = () => {
    const batch = fresh;
    fresh = [];
    const recorded = recordObservations(batch, context);
    recorded.catch(() => undefined); // awaited below; a look that comes first must not make it "unhandled"
    recording.push(recorded);
  };
  const { skipped } = await context.looker.look(targets, (observation) => {
    counts[observation.status] += 1;
    // All of a batch are known to be bad before the first of them is decided on: the blast radius counts them.
    context.board.saw(observation);
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

/** Keeps the looks, decides, writes what changed, does what was decided. */
async function recordObservations(
  observations: readonly Observation[],
  context: CheckContext,
): Promise<void> {
  const byStore = new Map<TargetStore, { target: Target; observation: Observation }[]>();
  for (const observation of observations) {
    const target = context.config.targets.get(observation.target);
    if (target === undefined) continue;
    const store = context.storeOf(target);
    byStore.set(store, [...(byStore.get(store) ?? []), { target, observation }]);
  }
  await Promise.all([...byStore].map(([store, looked]) => recordIn(store, looked, context)));
}

async function recordIn(
  store: TargetStore,
  looked: readonly { target: Target; observation: Observation }[],
  context: CheckContext,
): Promise<void> {
  const [dropped, states] = await Promise.all([
    store.keepLooks(
      looked.map(({ target, observation }) => ({ target: target.id, look: lookRecord(observation) })),
    ),
    store.read(looked.map(({ target }) => target.id)),
  ]);
  const results = await Promise.allSettled(
    looked
      .filter(({ target }) => !dropped.includes(target.id))
      .map(({ target, observation }) =>
        decideOne({ store, target, observation, context }, states.get(target.id)?.state),
      ),
  );
  for (const result of results) if (result.status === "rejected") throw result.reason;
}

interface One {
  readonly store: TargetStore;
  readonly target: Target;
  readonly observation: Observation;
  readonly context: CheckContext;
}

async function decideOne(
  { store, target, observation, context }: One,
  known: TargetState | undefined,
): Promise<void> {
  const { clock, random, newId, node } = context;
  const judge = async (before: TargetState | undefined) => {
    const now = clock.now();
    const state = before ?? initialState(now);
    const surroundings = await context.surroundings(target, observation, state);
    const { state: after, decision } = decide({
      target,
      state,
      observation,
      surroundings,
      now,
      random,
      newId,
    });
    return { before, state: after, decision, now };
  };
  let judged = await judge(known);
  if (judged.state !== known) {
    judged = await changeState(store, target.id, async (current) => {
      const anew = await judge(current);
      const { marks } = anew.decision;
      const of = {
        marks,
        before: current,
        after: anew.state,
        observation,
        target: target.id,
        node,
        store,
        now: anew.now,
      };
      const incident = await incidentAfter(of);
      const notes = notesOf(marks, { at: anew.now, target: target.id });
      return { ...anew, notes, ...(incident === undefined ? {} : { incident }) };
    });
  }
  const { before, state, decision } = judged;
  context.board.set(target.id, observation, state);
  await takeSteps(context, { target, before, state, steps: decision.steps, reason: decision.reason });
  if (meetsNeed(state.status) && before !== undefined && !meetsNeed(before.status))
    await lookAtDependants(target, context);
}

/** Those that need this one are looked at at once, now that it is well. */
export async function lookAtDependants(target: Target, { config, dispatch }: CheckContext): Promise<void> {
  const dependants = [...config.targets.values()].filter(({ needs }) => needs.includes(target.id));
  if (dependants.length > 0) await dispatch.look(dependants.map(({ id }) => id));
}

/** What is kept of an observation. */
export function lookRecord(observation: Observation): LookRecord {
  const { at, status, message, metrics, durationMs, findings, state, pid } = observation;
  const record = { at, status, message, metrics, durationMs, findings: isBad(status) ? findings : [] };
  return { ...record, ...(state === undefined ? {} : { state }), ...(pid === undefined ? {} : { pid }) };
}
