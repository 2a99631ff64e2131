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

/** One line of untrusted text for a message: control characters and runs of blanks become one blank, at most 200 characters. */
export function plain(text: string): string {
  const line = text.replace(/[\s\p{Cc}\p{Cf}]+/gu, " ").trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
