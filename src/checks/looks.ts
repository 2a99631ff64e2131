import { type Finding, statusOf } from "../model/finding.ts";
import type { Look } from "../model/observation.ts";

/** A look that could not tell; `message` says why. */
export function couldNotTell(message: string, metrics: Look["metrics"] = {}): Look {
  return { status: "unknown", findings: [], metrics, message };
}

/** A look that could: its status follows from the findings, and its message too, or is `fine` when there are none. */
export function lookOf(seen: { findings: readonly Finding[]; metrics: Look["metrics"]; fine: string }): Look {
  const { findings, metrics, fine } = seen;
  const message = findings.length === 0 ? fine : findings.map((finding) => finding.message).join("; ");
  return { status: statusOf(findings), findings, metrics, message };
}
