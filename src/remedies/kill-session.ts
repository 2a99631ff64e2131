import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { childrenOf, descendantsOf } from "../checks/process-tree.ts";
import type { Session } from "../checks/tmux-sessions.ts";
import { formatDuration } from "../lib/duration.ts";
import { duration } from "../lib/fields.ts";
import { HealqError } from "../model/errors.ts";
import type { Identity } from "../model/process.ts";
import { defineRemedy, type RemedyContext, type RemedyResult } from "../model/remedy.ts";
import { identityOf, isAlive, listProcesses, readStat } from "../system/procfs.ts";
import type { TmuxServer } from "../system/tmux.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";
import { newSessionSteps } from "./tmux-new.ts";
import { actOn, findPatients } from "./tmux-patients.ts";
import { type Requeued, requeueSteps, stepsOfOthers } from "./tmux-requeue.ts";

const schema = z.strictObject({
  wait: duration()
    .prefault("5s")
    .describe("How long the processes of a killed session may take to end. Default: 5s."),
});

type Params = z.output<typeof schema>;

/** How often it is looked whether they have ended, in milliseconds. */
const lookEvery = 50;

/** Kills stuck sessions, requeues their tasks once all their processes have ended, and starts anew those that have a `run`. */
export const killSession = defineRemedy<Params>({
  remedy: "kill-session",
  summary: "kills a stuck session, requeues its task, and starts it anew if it has a run",
  schema,
  kinds: ["tmux"],
  cures: true,
  plan: async (context, params) => linesOf((await stepsOf(context, params)).steps),
  apply,
});

async function apply(context: RemedyContext, params: Params): Promise<RemedyResult> {
  const { steps, left } = await stepsOf(context, params);
  const result = await takeSteps(steps, context);
  if (left.length === 0) return result;
  throw new HealqError(
    "left",
    `killed, but these live on and their tasks were not requeued: ${left.join(", ")}`,
  );
}

async function stepsOf(
  context: RemedyContext,
  { wait }: Params,
): Promise<{ steps: CureStep[]; left: string[] }> {
  const { server, sessions, ...others } = await findPatients(context);
  const requeued: Requeued = [];
  const left: string[] = [];
  const steps = await stepsOfOthers(context, others, requeued);
  for (const session of sessions) {
    const { name } = session;
    const mayBe = () => !left.some((each) => each.startsWith(`${name} `));
    steps.push(killStep({ server, session, wait, left }, context));
    steps.push(...(await requeueSteps(context, name, { requeued, mayBe })));
  }
  steps.push(...newSessionSteps(context, server, sessions.length + others.gone.length));
  return { steps, left };
}

function killStep(
  { server, session, wait, left }: { server: TmuxServer; session: Session; wait: number; left: string[] },
  context: RemedyContext,
): CureStep {
  const { name, id } = session;
  return {
    line: `kill the session ${name}, and wait at most ${formatDuration(wait)} until its processes have ended`,
    act: async () => {
      const processes = processesOf(session);
      await actOn({ server, session }, `kill-session -t '${id}'`, context.signal);
      const living = await livingAfter(processes, { wait, signal: context.signal });
      for (const each of living) left.push(`${name} pid ${each.pid} (${readStat(each.pid)?.name ?? "gone"})`);
      return { killed: name };
    },
    isHalf: true,
  };
}

/** Who they are, before their pids may be others'. */
function processesOf({ panes }: Session): Identity[] {
  const children = childrenOf(listProcesses());
  const pids = panes.flatMap(({ pid }) => [pid, ...descendantsOf(pid, children).map((stat) => stat.pid)]);
  return pids.flatMap((pid) => identityOf(pid) ?? []);
}

/** tmux sends SIGHUP, which a process may ignore: then it would go on with a task that another one has too. */
async function livingAfter(
  processes: readonly Identity[],
  { wait, signal }: { wait: number; signal: AbortSignal },
): Promise<Identity[]> {
  const until = performance.now() + wait;
  for (;;) {
    const living = processes.filter((each) => isAlive(each) === "alive");
    if (living.length === 0 || performance.now() > until) return living;
    await pause(lookEvery, undefined, { signal });
  }
}
