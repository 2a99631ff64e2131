import * as z from "zod";
import { HealqError } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { livingPid } from "./process-steps.ts";
import { waysOf } from "./process-ways.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

/** Signals that can cure: SIGSTOP and the signals of faults are not among them. */
const signals = [
  "SIGHUP",
  "SIGINT",
  "SIGQUIT",
  "SIGTERM",
  "SIGUSR1",
  "SIGUSR2",
  "SIGCONT",
  "SIGKILL",
] as const;

const schema = z.enum(signals).describe("The signal, e.g. SIGHUP to have it read its configuration again.");

/** Sends one signal to the process' whole group, after its identity was read again. */
export const signal = defineRemedy<z.output<typeof schema>>({
  remedy: "signal",
  summary: "sends the process a signal",
  schema,
  kinds: ["process"],
  cures: true,
  misfit: ({ spec }) =>
    waysOf(spec).start?.by === "healq"
      ? undefined
      : "signal needs run:; a process that healq did not start is not signalled",
  plan: async (context, name) => linesOf(stepsOf(context, name)),
  apply: (context, name) => takeSteps(stepsOf(context, name), context),
});

function stepsOf(context: RemedyContext, name: (typeof signals)[number]): CureStep[] {
  const { target, processes } = context;
  const pid = livingPid(context);
  if (pid === undefined)
    throw new HealqError(
      "not-running",
      `${target.id} does not run as a process of healq's: nobody to send ${name} to`,
    );
  return [
    {
      line: `send ${name} to ${target.id} (pid ${pid})`,
      act: async () => ({ pid: await processes.signal(target, name), signal: name }),
    },
  ];
}
