import { resolve } from "node:path";
import * as z from "zod";
import { environmentField } from "../checks/environment-field.ts";
import { formatDuration } from "../lib/duration.ts";
import { argv, duration } from "../lib/fields.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { waysOf } from "./process-ways.ts";
import { runCommand } from "./run-command.ts";
import { shownArgv } from "./shown-argv.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";
import { toldOf } from "./told.ts";

const long = z.strictObject({
  run: argv().describe("The program and its arguments; never a shell string."),
  timeout: duration().prefault("30s").describe("Its whole group is ended after this. Default: 30s."),
  cwd: z
    .string()
    .min(1)
    .optional()
    .describe("Where it runs; relative to the config file. Default: the config file's folder."),
  env: environmentField()
    .prefault({})
    .describe("Variables added to healq's own environment, less HEALQ_* and REDIS_URL."),
});

type Params = z.output<typeof long>;

const schema = z.union([argv().transform((run): Params => ({ run, timeout: 30_000, env: {} })), long]);

/** Runs a program, which is told of the fault by HEALQ_TARGET, HEALQ_SYMPTOM and HEALQ_MESSAGE. As root it runs as the target's `user`. */
export const exec = defineRemedy<Params>({
  remedy: "exec",
  summary: "runs a program; exit code 0 is success",
  schema,
  kinds: "all",
  cures: true,
  plan: async (context, params) => linesOf([stepOf(context, params)]),
  apply: (context, params) => takeSteps([stepOf(context, params)], context),
});

function stepOf({ target, finding, signal }: RemedyContext, params: Params): CureStep {
  const { run, timeout, env } = params;
  const user = target.kind === "process" ? waysOf(target.spec).user : undefined;
  const who = user !== undefined && process.geteuid?.() === 0 ? ` as ${user}` : "";
  return {
    line: `run ${shownArgv(run)}${who}, at most ${formatDuration(timeout)}`,
    act: async () => {
      const output = await runCommand({
        ...{
          argv: run,
          base: target.base,
          cwd: resolve(target.base, params.cwd ?? "."),
          env,
          timeout,
          signal,
        },
        told: toldOf(target, finding),
        ...(user === undefined ? {} : { user }),
      });
      return output.length === 0 ? undefined : { output };
    },
  };
}
