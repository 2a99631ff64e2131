import * as z from "zod";
import { argv, duration } from "../lib/fields.ts";
import { type Alert, defineChannel } from "../model/alert.ts";
import { runCommand } from "../remedies/run-command.ts";
import { alertJson, alertText } from "./text.ts";

const schema = z.strictObject({
  run: argv().describe(
    "The program and its arguments. It reads the alert as JSON on stdin, and finds it in HEALQ_ALERT_TEXT, _TARGET, …",
  ),
  timeout: duration().prefault("10s").describe("Its whole group is ended after this. Default: 10s."),
});

/** Runs a program with the alert; exit code 0 is success. It runs as healq itself, in the config file's folder. */
export const command = defineChannel<z.output<typeof schema>>({
  channel: "command",
  summary: "a program that gets the alert on its standard input",
  schema,
  send: async (alert, { run, timeout }, { base, signal }) => {
    await runCommand({
      argv: run,
      base,
      told: toldOf(alert),
      input: `${alertJson(alert)}\n`,
      timeout,
      signal,
    });
  },
});

/** The alert as environment variables, for scripts that read no JSON. */
function toldOf(alert: Alert): Record<string, string> {
  const told = {
    TEXT: alertText(alert),
    NODE: alert.node,
    TARGET: alert.target,
    EVENT: alert.event,
    SEVERITY: alert.severity,
    CRITICAL: alert.critical ? "1" : "0",
    MESSAGE: alert.message,
    INCIDENT: alert.incident ?? "",
    AT: new Date(alert.at).toISOString(),
  };
  return Object.fromEntries(Object.entries(told).map(([name, value]) => [`HEALQ_ALERT_${name}`, value]));
}
