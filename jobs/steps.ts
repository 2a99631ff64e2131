import type { Alert } from "../src/model/alert.ts";
import type { Step } from "../src/model/decision.ts";
import type { TargetState } from "../src/model/state.ts";
import type { Target } from "../src/model/target.ts";
import type { CheckContext } from "./context.ts";

/** A look is never asked for sooner than this (milliseconds), so that a wait that is just over cannot spin. */
const soonest = 20;

/** Does what policy said: enqueues heals and alerts, and asks for looks at the times that matter. */
export async function takeSteps(
  context: CheckContext,
  {
    target,
    before,
    state,
    steps,
    reason,
  }: {
    target: Target;
    before: TargetState | undefined;
    state: TargetState;
    steps: readonly Step[];
    reason: string;
  },
): Promise<void> {
  const { dispatch, clock } = context;
  const incident = state.incident ?? before?.incident;
  const now = clock.now();
  const later = (until: number) => dispatch.look([target.id], Math.max(soonest, until - now));

  // The cure first: it is not kept waiting by the alert about the fault.
  const heals = steps.filter(({ type }) => type === "heal");
  for (const step of [...heals, ...steps.filter((each) => !heals.includes(each))]) {
    if (step.type === "heal" && step.delay > 0) await later(now + step.delay);
    else if (step.type === "heal") {
      const { symptom, attempts, dryRun } = step;
      if (!dryRun) context.limits?.asked(target.id, now);
      const about = incident === undefined ? {} : { incident: incident.id };
      await dispatch.heal({ target: target.id, symptom, attempts, dryRun, reason, ...about });
    } else if (step.type === "alert") {
      const alert = { ...step, node: context.node, target: target.id, critical: target.critical, at: now };
      await sendAlert(context, alert, incident?.id);
    } else if (step.type === "wait" && step.until !== undefined) await later(step.until);
  }
  const { probationUntil } = state;
  if (probationUntil !== undefined && probationUntil !== before?.probationUntil) await later(probationUntil);
}

/** Mildest first. */
const severities = ["info", "warning", "critical"] as const;

/** Hands an alert to every declared channel that wants its severity. */
export async function sendAlert(
  context: Pick<CheckContext, "config" | "dispatch">,
  alert: Pick<Alert, "node" | "target" | "event" | "severity" | "critical" | "message" | "at">,
  incident: string | undefined,
): Promise<void> {
  const { node, target, event, severity, critical, message, at } = alert;
  const whole: Alert = {
    node,
    target,
    event,
    severity,
    critical,
    message,
    at,
    ...(incident === undefined ? {} : { incident }),
  };
  const wanting = context.config.alerts.filter(
    ({ from }) => severities.indexOf(severity) >= severities.indexOf(from),
  );
  const key = `${target}.${event}.${incident ?? at}`;
  await Promise.all(wanting.map((use) => context.dispatch.alert(whole, { channel: use.id, key })));
}
