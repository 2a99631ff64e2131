import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";
import { newSessionStep } from "./tmux-new.ts";
import { serverOf, sessionsNow, tmuxSpec, tmuxTarget } from "./tmux-patients.ts";

const schema = z.strictObject({});

/** Starts the session of a target that says what runs in it; one that is there is left alone. */
export const newSession = defineRemedy<z.output<typeof schema>>({
  remedy: "new-session",
  summary: "starts a tmux session that is missing",
  schema,
  kinds: ["tmux"],
  cures: true,
  misfit: ({ spec }) =>
    tmuxSpec(spec).run === undefined
      ? "new-session needs what the session runs: run: [ … ] on the target"
      : undefined,
  plan: async (context) => linesOf(await stepsOf(context)),
  apply: async (context) => takeSteps(await stepsOf(context), context),
});

async function stepsOf(context: RemedyContext): Promise<CureStep[]> {
  const server = serverOf(context.target);
  const [wanted = ""] = tmuxTarget(context.target).spec.session;
  const sessions = await sessionsNow(server, context.signal);
  if (sessions.some(({ name }) => name === wanted))
    return [{ line: `the session ${wanted} is there: leave it as it is`, act: async () => undefined }];
  return [newSessionStep(context, server)];
}
