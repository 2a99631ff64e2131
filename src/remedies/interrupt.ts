import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { readScreen } from "../checks/tmux-screen.ts";
import type { Pane, Session } from "../checks/tmux-sessions.ts";
import { formatDuration } from "../lib/duration.ts";
import { duration } from "../lib/fields.ts";
import { HealqError } from "../model/errors.ts";
import { defineRemedy, type RemedyContext, type RemedyResult } from "../model/remedy.ts";
import { listProcesses, readStat } from "../system/procfs.ts";
import type { TmuxServer } from "../system/tmux.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";
import { newSessionSteps } from "./tmux-new.ts";
import { actOn, findPatients, sessionsNow, tmuxTarget } from "./tmux-patients.ts";
import { type Requeued, requeueSteps, stepsOfOthers } from "./tmux-requeue.ts";

const schema = z.strictObject({
  wait: duration()
    .prefault("5s")
    .describe("How long what runs in the session may take to give way. Default: 5s."),
});

type Params = z.output<typeof schema>;

/** Shells, by the kernel's names of them. */
const shells = new Set(["sh", "bash", "dash", "zsh", "fish", "ksh", "mksh", "ash"]);

/** How often it is looked whether a session has given way, in milliseconds. */
const lookEvery = 100;

/** Types C-c into stuck sessions, waits until what runs there gives way, and requeues the task. Fails when it does not give way: the next rung is for that. */
export const interrupt = defineRemedy<Params>({
  remedy: "interrupt",
  summary: "types C-c into a stuck session, and requeues its task when that has helped",
  schema,
  kinds: ["tmux"],
  cures: true,
  plan: async (context, params) => linesOf((await stepsOf(context, params)).steps),
  apply,
});

async function apply(context: RemedyContext, params: Params): Promise<RemedyResult> {
  const { steps, deaf } = await stepsOf(context, params);
  const result = await takeSteps(steps, context);
  if (deaf.size === 0) return result;
  const names = [...deaf].join(", ");
  throw new HealqError("deaf", `C-c changed nothing in ${names} within ${formatDuration(params.wait)}`);
}

async function stepsOf(
  context: RemedyContext,
  { wait }: Params,
): Promise<{ steps: CureStep[]; deaf: Set<string> }> {
  const { server, sessions, ...others } = await findPatients(context);
  const requeued: Requeued = [];
  const deaf = new Set<string>();
  const steps = await stepsOfOthers(context, others, requeued);
  for (const session of sessions) {
    const { name } = session;
    steps.push(interruptStep({ server, session, wait, deaf }, context));
    steps.push(...(await requeueSteps(context, name, { requeued, mayBe: () => !deaf.has(name) })));
  }
  // The session ends with what was interrupted, where nothing else runs in it.
  steps.push(...newSessionSteps(context, server, sessions.length + others.gone.length));
  return { steps, deaf };
}

function interruptStep(
  of: { server: TmuxServer; session: Session; wait: number; deaf: Set<string> },
  context: RemedyContext,
): CureStep {
  const { server, session, wait, deaf } = of;
  const { name, panes } = session;
  const running = panes.flatMap((pane) => inFrontOf(pane) ?? []);
  const isInVain =
    tmuxTarget(context.target).spec.requeue === undefined && running.every((each) => each.waits);
  if (isInVain)
    return {
      line: `nothing runs in ${name} but its shell: C-c would change nothing`,
      act: async () => void deaf.add(name),
    };
  const names = running.map((each) => each.name).join(", ");
  return {
    line: `type C-c into ${name} (${names}), and wait at most ${formatDuration(wait)} until it gives way`,
    act: async () => {
      const before = await signsOf({ server, session }, context);
      const keys = running.map((each) => `send-keys -t ${each.pane} C-c`).join(" ; ");
      await actOn({ server, session }, keys, context.signal);
      if (await changes({ server, session, before, wait }, context)) return { interrupted: names };
      deaf.add(name);
      return undefined;
    },
    isHalf: true,
  };
}

/**
 * The program in front of a pane's terminal; undefined when it has ended. `waits`: it is a shell, alone in its group, at its prompt for all
 * that can be told. A script that such a shell reads looks the same, so C-c is typed there too; but where nothing
 * requeues the task, a prompt would be taken for healed by the new line alone, again and again.
 */
function inFrontOf({ id, pid }: Pane): { pane: string; name: string; waits: boolean } | undefined {
  const first = readStat(pid);
  if (first === undefined || first.foreground <= 0) return undefined;
  if (first.foreground !== first.pgrp)
    return { pane: id, name: readStat(first.foreground)?.name ?? "a program", waits: false };
  const isAlone = !listProcesses().some(({ stat }) => stat.pgrp === first.pgrp && stat.pid !== pid);
  return { pane: id, name: first.name, waits: isAlone && shells.has(first.name) };
}

/** What C-c would change: who is in front, and what stands on the screen but for the `^C` itself; undefined when the session is gone. */
async function signsOf(
  { server, session }: { server: TmuxServer; session: Session },
  { target, signal }: RemedyContext,
): Promise<string | undefined> {
  const now = (await sessionsNow(server, signal)).find(({ id }) => id === session.id);
  if (now === undefined || now.key !== session.key) return undefined;
  const { ignore } = tmuxTarget(target).spec;
  const screen = await readScreen(server, now, { ignore, signal });
  const fronts = now.panes.map(({ pid }) => readStat(pid)?.foreground);
  return "problem" in screen ? undefined : [screen.hash, ...fronts].join(" ");
}

async function changes(
  of: { server: TmuxServer; session: Session; before: string | undefined; wait: number },
  context: RemedyContext,
): Promise<boolean> {
  const until = performance.now() + of.wait;
  for (;;) {
    if ((await signsOf(of, context)) !== of.before) return true;
    if (performance.now() > until) return false;
    await pause(lookEvery, undefined, { signal: context.signal });
  }
}
