import type { Look } from "../model/observation.ts";

/** A look without secrets in what it says: everything that is made of it later (reasons, jobs, alerts, records) is clean too. */
export function redacted(look: Look, redact: (text: string) => string): Look {
  const message = redact(look.message);
  if (look.findings.length === 0) return message === look.message ? look : { ...look, message };
  // Only letters are put in, so what was JSON is JSON afterwards, of the same shape.
  const findings = JSON.parse(redact(JSON.stringify(look.findings))) as Look["findings"];
  return { ...look, message, findings };
}
