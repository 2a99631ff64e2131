import type { AuditView } from "../../src/views/audit.ts";
import type { Tone } from "../../src/views/colour.ts";
import { isSeen } from "./observed.ts";
import type { Happening } from "./timeline.ts";

/** Says in a few words what an audit entry tells; undefined for what only matters in the audit, and for what was said before. */
export type Teller = (entry: AuditView) => Pick<Happening, "word" | "text" | "tone"> | undefined;

/** A teller of one scenario: a fault that is seen again and again is told once for each target. */
export function makeTeller(): Teller {
  const seen = new Map<string, string>();
  return (entry) => {
    const { event, action, reason, details } = entry;
    const target = entry.target ?? "";
    const say = (word: string, text: string, tone: Tone) => ({ word, text, tone });
    if (isSeen(entry)) {
      if (seen.has(target)) return undefined;
      seen.set(target, reason);
      return say("seen", reason, "uneasy");
    }
    if (event === "heal.started") {
      const why = [...seen.values()].includes(reason) ? "" : `, ${reason}`;
      return say("cure", `${action}${why}`, "faint");
    }
    if (event === "heal.succeeded") return say("healed", String(details.verified ?? reason), "good");
    if (event === "heal.failed") return say("failed", reason, "bad");
    if (event === "alert.sent" && reason.startsWith("incident.gave-up"))
      return say("called", action ?? "people", "bad");
    if (event === "incident.gave-up") return say("gave up", reason.replace(/^gave up: /, ""), "bad");
    return undefined;
  };
}
