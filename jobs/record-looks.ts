import type { LookRecord } from "../src/model/fleet.ts";
import type { Observation } from "../src/model/observation.ts";
import type { TargetState } from "../src/model/state.ts";
import { isBad, meetsNeed } from "../src/model/status.ts";
import type { Target } from "../src/model/target.ts";
import { decide } from "../src/policy/decide.ts";
import { initialState } from "../src/policy/initial.ts";
import { isOvertaken, overtaken } from "../src/policy/overtaken.ts";
import { isAtRest } from "../src/policy/rest.ts";
import { askedBy } from "../src/remedies/asked.ts";
import { changeState } from "../src/store/change.ts";
import type { Read } from "../src/store/envelope.ts";
import type { TargetStore } from "../src/store/target-store.ts";
import type { CheckContext } from "./context.ts";
import { withHopeless } from "./hopeless.ts";
import { incidentAfter, notesOf } from "./marks.ts";
import { takeSteps } from "./steps.ts";

/** Keeps the looks, decides, writes what changed, does what was decided. */
export async function recordObservations(
  observations: readonly Observation[],
  context: CheckContext,
): Promise<void> {
  // All of a batch are known to be bad before the first of them is decided on: the blast radius counts them.
  for (const observation of observations) context.board.saw(observation);
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
  const { dropped, states } = await store.keepLooks(
    looked.map(({ target, observation }) => ({ target: target.id, look: lookRecord(observation) })),
  );
  const now = context.clock.now();
  const eventful = looked.filter(({ target, observation }) => {
    if (dropped.includes(target.id)) return false;
    const state = states.get(target.id)?.state;
    if (state === undefined || !isAtRest({ target, observation, state, now })) return true;
    // Nearly all looks: there is nothing to decide, and nothing to wait for.
    context.board.set(target.id, observation, state);
    return false;
  });
  const results = await Promise.allSettled(
    eventful.map(({ target, observation }) =>
      decideOne({ store, target, observation, context }, states.get(target.id)),
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
  { store, target, observation: seen, context }: One,
  read: Read | undefined,
): Promise<void> {
  const observation = withHopeless(target, seen);
  const { clock, random, newId, node } = context;
  const judge = async (before: TargetState | undefined) => {
    const now = clock.now();
    const state = before ?? initialState(now);
    // Asked each time: a cure may have come between two tries to write.
    if (isOvertaken({ state, observation, now })) return { before, state, decision: overtaken, now };
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
  const judgeAndTell = async (before: TargetState | undefined) => {
    const judged = await judge(before);
    const { state: after, decision, now } = judged;
    if (after === before) return { ...judged, notes: [] };
    const { marks } = decision;
    const of = { marks, before, after, observation, target: target.id, node, store, now };
    const incident = await incidentAfter(of);
    const notes = notesOf(marks, { at: now, target: target.id });
    return { ...judged, notes, ...(incident === undefined ? {} : { incident }) };
  };
  const { before, state, decision } = await changeState(store, target.id, judgeAndTell, { read });
  context.board.set(target.id, observation, state);
  await takeSteps(context, { target, before, state, steps: decision.steps, reason: decision.reason });
  if (meetsNeed(state.status) && before !== undefined && !meetsNeed(before.status))
    await lookAtDependants(target, context);
}

/** Those that need this one are looked at at once, now that it is well, and those whose cures act on it or on one that needs it. */
export async function lookAtDependants(target: Target, { config, dispatch }: CheckContext): Promise<void> {
  const needsIt = (other: Target | undefined) => other?.needs.includes(target.id) === true;
  const dependants = [...config.targets.values()].filter(
    (each) =>
      needsIt(each) ||
      askedBy(each).some((other) => other === target.id || needsIt(config.targets.get(other))),
  );
  if (dependants.length > 0) await dispatch.look(dependants.map(({ id }) => id));
}

/** What is kept of an observation. */
export function lookRecord(observation: Observation): LookRecord {
  const { at, status, message, metrics, durationMs, findings, state, pid } = observation;
  return { at, status, message, metrics, durationMs, findings: isBad(status) ? findings : [], state, pid };
}
