import { expect, test } from "vitest";
import type { Sources } from "../../jobs/sources.ts";
import { gatherSurroundings } from "../../jobs/surroundings.ts";
import type { Pause } from "../../src/model/fleet.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Target } from "../../src/model/target.ts";
import { initialState } from "../../src/policy/initial.ts";
import { loadRealText } from "../config/load.ts";

const config = await loadRealText(`
targets:
  engine: { kind: process, run: [sleep, "9"] }
  weights: { kind: file, path: w.json, maxAge: 1h, producer: engine }
  needy: { kind: file, path: w.json, maxAge: 1h, producer: engine, needs: [engine] }
  signals: { kind: file, path: s.json, maxAge: 1h, producer: engine }
  predictor: { kind: process, run: [sleep, "9"], needs: [signals] }
  predictions: { kind: file, path: p.json, maxAge: 1h, producer: predictor }
  page: { kind: file, path: q.json, maxAge: 1h, heal: [{ target: predictions }] }
  either: { kind: file, path: w.json, maxAge: 1h, producer: engine, heal: [producer, { exec: [./write.sh] }] }
`);

/** What keeps a stale file from being healed. */
async function unmetOf(
  id: string,
  around: { stopped?: boolean; pauses?: readonly Pause[]; trouble?: string; bad?: string; starting?: string },
): Promise<readonly string[]> {
  const sources: Sources = {
    config,
    clock: { now: () => 1_000 },
    stateOf: async (id) => {
      if (around.trouble !== undefined || around.bad === id)
        return { ...initialState(0), status: "critical" };
      return around.bad === undefined ? undefined : { ...initialState(0), status: "ok" };
    },
    isStarting: (id) => around.starting === id,
    troubleOf: () => around.trouble,
    pauses: async () => around.pauses ?? [],
    stopped: () => around.stopped === true,
    healInFlight: async () => false,
    fleet: async () => ({ targets: 4, unhealthy: 1 }),
  };
  // The config above has it.
  const target = config.targets.get(id) as Target;
  const finding = {
    symptom: "file.stale",
    severity: "critical",
    fact: false,
    message: "",
    evidence: {},
  } as const;
  const look: Observation = {
    target: id,
    kind: "file",
    at: 1_000,
    durationMs: 1,
    status: "critical",
    findings: [finding],
    metrics: {},
    message: "stale",
  };
  return (await gatherSurroundings(sources, target, look, undefined)).unmetNeeds;
}

test("a need that is bad is named with what is wrong with it", async () => {
  expect(await unmetOf("needy", { trouble: "not set: KEY" })).toEqual(["engine is critical (not set: KEY)"]);
});

test("a cure that only asks for a heal of what a person stopped or silenced has an unmet need", async () => {
  expect(await unmetOf("weights", {})).toEqual([]);
  expect(await unmetOf("weights", { stopped: true })).toEqual(["engine was stopped by a person"]);
  const silence = { target: "engine", reason: "upgrade", by: "ann", at: 0 };
  expect(await unmetOf("weights", { pauses: [silence] })).toEqual(["engine is silenced by ann: upgrade"]);
  expect(await unmetOf("weights", { pauses: [{ ...silence, reason: "" }] })).toEqual([
    "engine is silenced by ann",
  ]);
  expect(await unmetOf("weights", { pauses: [{ ...silence, until: 999 }] })).toEqual([]);
});

test("said once where it is needed anyhow, and not at all where another rung may cure it", async () => {
  expect(await unmetOf("needy", { stopped: true })).toEqual(["engine was stopped by a person"]);
  expect(await unmetOf("either", { stopped: true })).toEqual([]);
});

test("a cure that acts on a producer waits while that one's input is bad, also over several targets, or while it is being started", async () => {
  const why = "predictor needs signals, which is critical";
  expect(await unmetOf("predictions", { bad: "signals" })).toEqual([why]);
  expect(await unmetOf("page", { bad: "signals" })).toEqual([
    `predictions needs ${why.replace(" ", ", which ")}`,
  ]);
  expect(await unmetOf("predictions", { bad: "engine" })).toEqual([]);
  expect(await unmetOf("weights", { bad: "none", starting: "engine" })).toEqual(["engine is being started"]);
});
