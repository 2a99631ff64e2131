import { resolve } from "node:path";
import { type Task, taskOf } from "../checks/tmux-task.ts";
import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext } from "../model/remedy.ts";
import { askDatabase } from "../system/query-helper.ts";
import { runCommand } from "./run-command.ts";
import { shownArgv } from "./shown-argv.ts";
import type { CureStep } from "./steps.ts";
import { type Patients, tmuxTarget } from "./tmux-patients.ts";
import { toldOf } from "./told.ts";

/** What was done with the tasks: the ids of those that were given back. For the audit. */
export type Requeued = string[];

/** How long the database may take, in milliseconds. */
const databaseWithin = 5_000;

/** The task that a session has now; throws when that cannot be told. */
async function taskNow({ target, signal }: RemedyContext, session: string): Promise<Task | undefined> {
  const answer = await taskOf(tmuxTarget(target), session, signal);
  if ("problem" in answer) throw new HealqError("task", `whether ${session} has a task: ${answer.problem}`);
  return answer.task;
}

/** The step that gives the task of a session back, for somebody else to do; none when the target does not say how, or there is no task. */
export async function requeueSteps(
  context: RemedyContext,
  session: string,
  { requeued, mayBe }: { requeued: Requeued; mayBe(): boolean },
): Promise<CureStep[]> {
  const { requeue } = tmuxTarget(context.target).spec;
  if (requeue === undefined) return [];
  const task = await taskNow(context, session);
  if (task === undefined) return [];
  const by =
    "run" in requeue
      ? `by ${shownArgv(requeue.run)}, at most ${formatDuration(requeue.timeout)}`
      : `in ${requeue.sqlite}`;
  return [
    {
      line: `requeue task ${plain(task.id)} of ${session} ${by}`,
      act: async () => {
        // Asked once more: what was interrupted may have given it back itself, and somebody else may have it by now.
        const still = mayBe() ? await taskNow(context, session) : undefined;
        if (still?.id === task.id && (await giveBack(context, session, task.id))) requeued.push(task.id);
        return { requeued };
      },
    },
  ];
}

/** What is done about sessions that are not touched: no more than a line; but the task of one that has ended is given back. */
export async function stepsOfOthers(
  context: RemedyContext,
  { gone, spared }: Pick<Patients, "gone" | "spared">,
  requeued: Requeued,
): Promise<CureStep[]> {
  const steps = spared.map(onlySaid);
  for (const name of gone) {
    const own = await requeueSteps(context, name, { requeued, mayBe: () => true });
    steps.push(...(own.length > 0 ? own : [onlySaid(`the session ${name} is gone: nothing to do to it`)]));
  }
  return steps;
}

/** A step that does nothing but say so. */
export function onlySaid(line: string): CureStep {
  return { line, act: async () => undefined };
}

/** True when something was changed. */
async function giveBack(context: RemedyContext, session: string, task: string): Promise<boolean> {
  const { target, finding, signal } = context;
  const { requeue } = tmuxTarget(target).spec;
  if (requeue === undefined) return false;
  if ("run" in requeue) {
    const told = { ...toldOf(target, finding), HEALQ_SESSION: session, HEALQ_TASK: task };
    await runCommand({ argv: requeue.run, base: target.base, told, timeout: requeue.timeout, signal });
    return true;
  }
  const params = { task, session, reason: `healq: ${finding?.message ?? "asked for"}` };
  const query = { file: resolve(target.base, requeue.sqlite), sql: requeue.update, params, writes: true };
  const answer = await askDatabase(query, AbortSignal.timeout(databaseWithin));
  if ("error" in answer)
    throw new HealqError(
      "requeue",
      `task ${plain(task)} was not requeued: ${requeue.sqlite}: ${plain(answer.error)}`,
    );
  return "changes" in answer && answer.changes > 0;
}
