import { stripVTControlCharacters } from "node:util";
import type { Alert } from "../model/alert.ts";

/** The longest message an alert line carries, in characters. */
const longest = 500;

/** The events in words; others are shown as they are named. */
const events: Readonly<Record<string, string>> = {
  "incident.opened": "incident opened",
  "incident.gave-up": "gave up",
  "incident.resolved": "resolved",
  unknown: "cannot tell how it is",
};

/**
 * An alert in one line: `CRITICAL predictive_engine on trading-1: gave up: dead: exited with code 3 (incident 8f2c)`. It begins with
 * CRITICAL when the target is marked `critical`, else with the severity. Line breaks and control characters are taken out.
 */
export function alertText(alert: Alert): string {
  const { node, target, event, message, incident } = alert;
  const rank = alert.critical ? "CRITICAL" : alert.severity;
  const which = incident === undefined ? "" : ` (incident ${incident})`;
  const name = events[event] ?? event;
  // A reason may begin with the same words.
  const what = message.startsWith(`${name}: `) ? "" : `${name}: `;
  return oneLine(`${rank} ${target} on ${node}: ${what}${shortened(message)}${which}`);
}

/** The same for programs: with the line as `text`, as chat services want it, and the time as ISO 8601 like all JSON of healq. */
export function alertJson(alert: Alert): string {
  return JSON.stringify({ text: alertText(alert), ...alert, at: new Date(alert.at).toISOString() });
}

function shortened(message: string): string {
  return message.length > longest ? `${message.slice(0, longest - 1)}…` : message;
}

/** Messages hold text of programs that were watched: nothing of it may steer a terminal or begin a line of its own. */
function oneLine(text: string): string {
  return stripVTControlCharacters(text)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}
