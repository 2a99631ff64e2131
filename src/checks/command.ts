import { resolve } from "node:path";
import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import { argv } from "../lib/fields.ts";
import { plain } from "../lib/plain.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { childEnvironment, markerName } from "../system/environment.ts";
import { findProgram, notStarted } from "../system/program.ts";
import { runProgram } from "../system/run-program.ts";
import { environmentField } from "./environment-field.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { readPluginOutput } from "./plugin-output.ts";
import { untrustedProgram } from "./untrusted-program.ts";

const schema = z.strictObject({
  run: argv().describe(
    "The program and its arguments. Exit 0 is ok, 1 warning, 2 critical, all else unknown; the first line is the message, what follows `| ` are metrics, in the plugin's own units.",
  ),
  cwd: z
    .string()
    .min(1)
    .optional()
    .describe("Where it runs; relative to the config file. Default: the config file's folder."),
  env: environmentField()
    .prefault({})
    .describe("Variables added to healq's own environment, less HEALQ_* and REDIS_URL."),
});

/** The fields of a `command` target, as parsed. */
type CommandSpec = z.output<typeof schema>;

/** Any program that answers with the exit codes of the Nagios plugins. */
export const command = defineKind<CommandSpec>({
  kind: "command",
  summary: "any program with the exit codes and the performance data of Nagios plugins",
  schema,
  symptoms: {
    "command.warning": "the program ended with exit code 1",
    "command.critical": "the program ended with exit code 2",
  },
  network: false,
  references: () => [],
  defaultLadder: () => [],
  observe,
});

const severities = new Map<number, "warning" | "critical">([
  [1, "warning"],
  [2, "critical"],
]);

async function observe(target: Target<CommandSpec>, context: CheckContext): Promise<Look> {
  const { spec } = target;
  const cwd = resolve(target.base, spec.cwd ?? ".");
  const environment = childEnvironment({ env: spec.env }, { env: process.env, marker: "" });
  if ("problem" in environment) return couldNotTell(environment.problem);
  const { [markerName]: _, ...env } = environment.env;
  const [name, ...args] = spec.run;
  const program = findProgram(name, { cwd, path: env.PATH });
  if ("problem" in program) return couldNotTell(program.problem);
  const refusal = untrustedProgram(program.path);
  if (refusal !== undefined) return couldNotTell(refusal);
  const folder = await context.files.stat(cwd, context);
  if (!("type" in folder) || folder.type !== "folder")
    return couldNotTell(`cwd ${cwd} is not a folder that can be entered`);
  const ran = await runProgram({ argv: [program.path, ...args], cwd, env, signal: context.signal });
  if (ran.end === "aborted")
    return couldNotTell(`${name} did not finish within ${formatDuration(target.timeout)}`);
  if (ran.end === "not started") return couldNotTell(notStarted(name, ran.error));
  if (ran.end === "signal") return couldNotTell(`${name} was killed by ${ran.signal}`);
  return judge(name, ran);
}

function judge(name: string, ran: { code: number; stdout: string; stderr: string }): Look {
  const { message, more, metrics } = readPluginOutput(ran.stdout);
  const severity = severities.get(ran.code);
  const said = message === "" ? `${name} exited with code ${ran.code}` : message;
  if (severity !== undefined) {
    const finding = {
      symptom: `command.${severity}`,
      severity,
      fact: false,
      message: said,
      evidence: { exitCode: ran.code, ...(more.length === 0 ? {} : { more }) },
    };
    return lookOf({ findings: [finding], metrics, fine: "" });
  }
  if (ran.code === 0)
    return lookOf({ findings: [], metrics, fine: message === "" ? "exited with code 0" : message });
  const complaint = message === "" ? plain(ran.stderr.trim().split("\n").at(-1) ?? "") : message;
  return couldNotTell(
    `${name} exited with code ${ran.code}${complaint === "" ? "" : `: ${complaint}`}`,
    metrics,
  );
}
