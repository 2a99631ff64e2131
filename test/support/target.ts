import type { Policy } from "../../src/model/policy.ts";
import type { Target } from "../../src/model/target.ts";

const policy: Policy = {
  failAfter: { count: 1, of: 1 },
  recoverAfter: 1,
  probation: 10_000,
  backoff: { delay: 1_000, max: 60_000, jitter: 0.2 },
  budget: { max: 5, per: 300_000 },
  breaker: { failures: 3, cooldown: 300_000, reset: 3_600_000 },
  verify: { within: 30_000 },
  mode: "auto",
};

/** A target with the config's defaults. */
export function makeTarget<Spec>(id: string, spec: Spec, more: Partial<Target<Spec>> = {}): Target<Spec> {
  return {
    id,
    kind: "process",
    spec,
    nodes: ["test"],
    schedule: { every: 10 },
    timeout: 3_000,
    policy,
    needs: [],
    ladders: { any: [], bySymptom: {} },
    critical: false,
    base: "/",
    ...more,
  };
}
