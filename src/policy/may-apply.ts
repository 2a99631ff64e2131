import type { Hindrance } from "../model/decision.ts";
import type { TargetState } from "../model/state.ts";
import type { Surroundings } from "../model/surroundings.ts";
import { isHalfOpen } from "./breaker.ts";
import { withinReach } from "./clock-jumps.ts";
import { heldByBlastRadius, heldByBudget, heldByGivingUp, heldByHysteresis, heldByNeeds } from "./holds.ts";
import { type Hold, mutedBy } from "./muted.ts";
import type { PolicyTarget } from "./transition.ts";

/** What a heal asks right before an application. */
interface ApplicationRequest {
  readonly target: PolicyTarget;
  /** As it is stored now, not as it was when the heal was enqueued. */
  readonly state: TargetState;
  readonly surroundings: Surroundings;
  readonly now: number;
  /** A person asked for it; what another target's cure asks for is automatic. */
  readonly person: boolean;
  /** Past hysteresis, needs, budget, breaker and blast radius; never past a person's `stopped` or pause, or the mode. */
  readonly force: boolean;
  /** What the heal's own look saw; absent when a forced heal meets a target that is well. */
  readonly symptom?: string | undefined;
  /** The symptom was seen directly, not inferred. */
  readonly fact: boolean;
}

/** Leave for one application, or what keeps it from being done. */
type Permission =
  | {
      readonly ok: true;
      /** It is the one try after a cooldown, and the only one. */
      readonly halfOpen: boolean;
    }
  | { readonly ok: false; readonly by: Hindrance; readonly reason: string; readonly until?: number };

/**
 * Whether one application may be done now (stage 4 of a heal). Changes nothing; `onApplied` charges it, and for `budget` an
 * automatic heal goes on to `onBudgetSpent`. The mode `dry-run` is not asked about here: a dry run gets as far as its plan.
 */
export function mayApply(request: ApplicationRequest): Permission {
  const { target, now } = request;
  const state = withinReach(request.state, target.policy, now);
  const hold = firmHold(request) ?? (request.force ? undefined : softHold(request, state));
  if (hold === undefined) return { ok: true, halfOpen: !request.force && isHalfOpen(state, now) };
  const { by, reason, until } = hold;
  return { ok: false, by, reason, ...(until !== undefined && { until }) };
}

/** What nobody may override. */
function firmHold({ target, surroundings, now }: ApplicationRequest): Hold | undefined {
  if (target.policy.mode === "observe") return { by: "mode", reason: "not healed: the mode is observe" };
  return mutedBy(surroundings, now);
}

/** What `force` overrides. */
function softHold(request: ApplicationRequest, state: TargetState): Hold | undefined {
  const { target, surroundings, now } = request;
  const { policy } = target;
  return (
    doubt(request, state) ??
    heldByNeeds(surroundings) ??
    heldByGivingUp(state, policy, now) ??
    heldByBudget(state, policy, now) ??
    heldByBlastRadius(surroundings, request)
  );
}

/** Policy asks for a heal only when it believes the fault; a person may ask earlier. The heal's own look counts as bad. */
function doubt(request: ApplicationRequest, state: TargetState): Hold | undefined {
  if (!request.person || request.fact || state.incident) return undefined;
  return heldByHysteresis([...state.recent, true], request.target.policy);
}
