import type { Finding } from "../../src/model/finding.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Policy } from "../../src/model/policy.ts";
import type { Surroundings } from "../../src/model/surroundings.ts";
import type { PolicyTarget } from "../../src/policy/transition.ts";

/** The moment at which the stories begin. */
export const start = Date.parse("2026-11-22T12:00:00.000Z");

/** The defaults of the contract, without jitter. */
export const defaults: Policy = {
  failAfter: { count: 1, of: 1 },
  recoverAfter: 1,
  probation: 10_000,
  backoff: { delay: 1_000, max: 60_000, jitter: 0 },
  budget: { max: 5, per: 300_000 },
  breaker: { failures: 3, cooldown: 300_000, reset: 3_600_000 },
  verify: { within: 30_000 },
  mode: "auto",
};

/** A target whose ladder is `restart`, three times. */
export function targetWith(policy: Partial<Policy> = {}, rest: Partial<PolicyTarget> = {}): PolicyTarget {
  return {
    id: "worker",
    policy: { ...defaults, ...policy },
    ladders: { any: [{ remedy: "restart", params: {}, tries: 3 }], bySymptom: {} },
    critical: false,
    ...rest,
  };
}

/** Nothing that would keep a heal from being done. */
export const calm: Surroundings = {
  unmetNeeds: [],
  stopped: false,
  healInFlight: false,
  fleet: { targets: 10, unhealthy: 1 },
  maxUnhealthy: 0.5,
};

/** One look. */
export function look(rest: Partial<Observation> & Pick<Observation, "at" | "status">): Observation {
  return {
    target: "worker",
    kind: "process",
    findings: [],
    metrics: {},
    message: "",
    durationMs: 1,
    ...rest,
  };
}

/** A fault, inferred and critical unless told otherwise. */
export function fault(symptom: string, rest: Partial<Finding> = {}): Finding {
  return { symptom, severity: "critical", fact: false, message: "no answer", evidence: {}, ...rest };
}

/** A death that was seen. */
export const death = fault("process.dead", { fact: true, message: "killed by SIGKILL" });
