import type { Observation } from "../../src/model/observation.ts";
import type { Target } from "../../src/model/target.ts";
import type { HealContext } from "../context.ts";

/** One look at one target, for the heal's own eyes. A look at it that still runs (hung) reads `unknown`. */
export async function lookOnce({ context }: { context: HealContext }, target: Target): Promise<Observation> {
  const at = context.clock.now();
  const seen: Observation[] = [];
  await context.looker.look([target], (observation) => seen.push(observation));
  return (
    seen[0] ?? {
      target: target.id,
      kind: target.kind,
      at,
      durationMs: 0,
      status: "unknown",
      findings: [],
      metrics: {},
      message: "the last look at it is still running",
    }
  );
}
