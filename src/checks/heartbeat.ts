import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import { duration, id } from "../lib/fields.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { messageOf } from "../model/errors.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Heard } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { couldNotTell } from "./looks.ts";

const schema = z.strictObject({
  period: duration()
    .refine((ms) => ms >= 1_000, { error: "is shorter than a second" })
    .describe("The program calls at least this often: 5m, 24h."),
  grace: duration().prefault("30s").describe("How much later than the period a call may come. Default: 30s."),
  key: z
    .string({ error: "must be text" })
    .regex(/^[A-Za-z0-9_-]{16,256}$/, {
      error: "must be 16 to 256 letters, digits, _ or -; leave it out, and healq makes one",
    })
    .optional()
    .describe(
      "The secret that a call brings; best taken from a variable. Default: made from stateDir/ping-key, so each node has its own. `healq ping ID --url` shows it.",
    ),
  target: id().optional().describe("The target that runs the program: healed when no call comes."),
});

/** The fields of a `heartbeat` target, as parsed. */
type HeartbeatSpec = z.output<typeof schema>;

/** After healq was away, calls that found nobody are waited for once more, but no longer than this. Milliseconds. */
const longestExcuse = 600_000;

/** A program that must call in: `POST /ping/ID` with its key, or `healq ping ID`. */
export const heartbeat = defineKind<HeartbeatSpec>({
  kind: "heartbeat",
  summary: "a program that calls in on time",
  schema,
  symptoms: { "heartbeat.late": "no call came for longer than period and grace" },
  network: true,
  references: (spec) => (spec.target === undefined ? [] : [spec.target]),
  defaultLadder: (spec) => (spec.target === undefined ? [] : ["target"]),
  observe,
});

async function observe(target: Target<HeartbeatSpec>, context: CheckContext): Promise<Look> {
  if (context.calls === undefined) return couldNotTell("no call can be known of without Redis");
  try {
    const heard = await orAborted(context.calls.heard(target.id), context.signal);
    return judge(target, { heard, now: context.now() });
  } catch (error) {
    return couldNotTell(`it cannot be told when the last call came: ${messageOf(error)}`);
  }
}

function judge({ id, spec }: Target<HeartbeatSpec>, { heard, now }: { heard: Heard; now: number }): Look {
  const { waitedFor, lastAgo, listeningFor } = heard;
  const allowed = spec.period + spec.grace;
  const silent = lastAgo ?? waitedFor;
  const metrics: Look["metrics"] = lastAgo === undefined ? {} : { ageMs: Math.round(lastAgo) };
  if (silent <= allowed) {
    if (lastAgo !== undefined)
      return { status: "ok", findings: [], metrics, message: `called ${formatDuration(lastAgo)} ago` };
    const message = `no call yet, due within ${formatDuration(allowed - waitedFor)}; \`healq ping ${id} --url\` shows where to`;
    return { status: "ok", findings: [], metrics, message, verified: false, verifyWithin: allowed };
  }
  const wanted = `every ${formatDuration(spec.period)}, grace ${formatDuration(spec.grace)}`;
  const since = lastAgo === undefined ? "no call yet in" : "no call for";
  const message = `${since} ${formatDuration(silent)} (${wanted})`;
  // What was late before healq went away is so still: neither well nor newly bad.
  if (listeningFor < Math.min(allowed, longestExcuse))
    return couldNotTell(
      `${message}, but healq itself was away until ${formatDuration(listeningFor)} ago`,
      metrics,
    );
  const evidence = {
    lastCall: lastAgo === undefined ? null : new Date(now - lastAgo).toISOString(),
    overdueMs: Math.round(silent - allowed),
  };
  const finding = {
    symptom: "heartbeat.late",
    severity: "critical",
    fact: false,
    message,
    evidence,
  } as const;
  return {
    status: "critical",
    findings: [finding],
    metrics,
    message,
    verified: false,
    verifyWithin: allowed,
  };
}
