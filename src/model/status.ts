/** What one look at a target says: `unknown` means the look itself could not tell. */
export type Status = "ok" | "warning" | "critical" | "unknown";

/** All statuses, mildest first. */
export const statuses = ["ok", "warning", "critical", "unknown"] as const satisfies readonly Status[];

/** How bad a finding is. */
export type Severity = "warning" | "critical";

/** Bad is `warning` or `critical`; `unknown` is neither good nor bad. */
export function isBad(status: Status): status is Severity {
  return status === "warning" || status === "critical";
}

/** A need is met by `ok` or `warning`. */
export function meetsNeed(status: Status | undefined): boolean {
  return status === "ok" || status === "warning";
}
