import type { Finding } from "../model/finding.ts";
import type { Look } from "../model/observation.ts";

/** A look without secrets in what it says: everything that is made of it later (reasons, jobs, alerts, records) is clean too. Symptoms stay: they are healq's own words, also where a password is `postgres`. */
export function redacted(look: Look, redact: (text: string) => string): Look {
  const message = redact(look.message);
  if (look.findings.length === 0) return message === look.message ? look : { ...look, message };
  // Only letters are put in, so what was JSON is JSON afterwards, of the same shape.
  const findings = look.findings.map((finding) => ({
    ...finding,
    message: redact(finding.message),
    evidence: JSON.parse(redact(JSON.stringify(finding.evidence))) as Finding["evidence"],
  }));
  return { ...look, message, findings };
}
