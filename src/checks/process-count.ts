import { type Finding, statusOf } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import type { ProcessFields } from "./process-fields.ts";
import { countFound } from "./process-locate.ts";

/** The look at the first process that matches, and beside it whether as many match as `instances` says. */
export function counted(target: Target<ProcessFields>, look: Look, context: CheckContext): Look {
  const { instances, match } = target.spec;
  if (instances === undefined || match === undefined) return look;
  const found = countFound(target, context);
  const metrics = { ...look.metrics, instances: found };
  if (found === instances) return { ...look, metrics };
  const few = found < instances;
  const finding: Finding = {
    symptom: few ? "process.dead" : "process.duplicate",
    severity: "warning",
    fact: few,
    message: `${found} processes match /${match}/, not ${instances}`,
    evidence: { found, wanted: instances },
  };
  const findings = [...look.findings, finding];
  const message = look.findings.length > 0 ? `${look.message}; ${finding.message}` : finding.message;
  return {
    ...look,
    metrics,
    status: statusOf(findings),
    findings,
    message,
    state: "unhealthy",
    verified: false,
  };
}
