import { formatDuration } from "../lib/duration.ts";
import { plain } from "../lib/plain.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Target } from "../model/target.ts";
import { type ProcStat, readStat } from "../system/procfs.ts";
import type { TmuxServer } from "../system/tmux.ts";
import { childrenNow, cpuOf, descendantsOf } from "./process-tree.ts";
import { type TmuxSpec, tmuxDefaults } from "./tmux-fields.ts";
import { afterCpu, afterScreen, firstSeen, mayHaveMoved, type Seen } from "./tmux-quiet.ts";
import { readScreen } from "./tmux-screen.ts";
import { type Session, usedBy } from "./tmux-sessions.ts";
import { type Task, taskOf } from "./tmux-task.ts";

/** What one look says of one session. */
export type Judged =
  | { readonly how: "fine"; readonly session: string; readonly why: string }
  | { readonly how: "quiet"; readonly session: string; readonly why: string; readonly quietMs: number }
  | { readonly how: "unsure"; readonly session: string; readonly why: string }
  | {
      readonly how: "stuck";
      readonly session: string;
      /** By which a cure knows it again. */
      readonly key: string;
      readonly hash: string;
      readonly task: string;
      readonly quietMs: number;
      readonly processes: readonly string[];
      readonly screen: readonly string[];
    };

interface Subject {
  readonly session: Session;
  readonly server: TmuxServer;
  readonly target: Target<TmuxSpec>;
}

/** Judges one session, and remembers what was seen of it. */
export async function judgeSession(subject: Subject, context: CheckContext): Promise<Judged> {
  const { session, target } = subject;
  const { name } = session;
  const fine = (why: string): Judged => ({ how: "fine", session: name, why });
  const past = pastOf(context);
  const user = usedBy(session);
  if (user !== undefined) {
    // What a person left behind counts from when they left.
    past.delete(name);
    return fine(user);
  }
  if (target.spec.task === undefined) return fine("is there");
  const processes = processesOf(session, context);
  const last = past.get(name);
  const seen = await look(subject, { context, processes, last });
  if ("problem" in seen) return { how: "unsure", session: name, why: seen.problem };
  past.set(name, seen);
  // At the first look nothing can be said of work, but of the task.
  if (last?.key === session.key && seen.since !== last.since) return fine("at work");
  const asked = await taskOf(target, name, context.signal);
  if ("problem" in asked)
    return { how: "unsure", session: name, why: `whether it has a task: ${asked.problem}` };
  const task = asked.task && withSince(asked.task, seen, context.now());
  past.set(name, { ...seen, task });
  if (task === undefined) return fine("without a task");
  return verdict(subject, { context, processes, seen, task });
}

/** Forgets all sessions but those with these names. */
export function forgetOthers(names: readonly string[], context: CheckContext): void {
  const past = pastOf(context);
  for (const name of past.keys()) if (!names.includes(name)) past.delete(name);
}

/** By name, so that a session that was made anew takes the place of the old one. */
function pastOf({ memory }: CheckContext): Map<string, Seen> {
  // Only this function writes the entry.
  const past = (memory.get("sessions") as Map<string, Seen> | undefined) ?? new Map<string, Seen>();
  memory.set("sessions", past);
  return past;
}

function processesOf({ panes }: Session, context: CheckContext): ProcStat[] {
  const children = childrenNow(context);
  return panes.flatMap(({ pid }) => {
    const first = readStat(pid);
    return first === undefined ? [] : [first, ...descendantsOf(pid, children)];
  });
}

/** Whether it worked, and whether its screen moved. */
async function look(
  { session, server, target: { spec } }: Subject,
  {
    context,
    processes,
    last,
  }: { context: CheckContext; processes: readonly ProcStat[]; last: Seen | undefined },
): Promise<Seen | { readonly problem: string }> {
  const now = context.now();
  const cpu = cpuOf(processes);
  const known = last?.key === session.key ? last : firstSeen(session.key, { now, cpu });
  const { seen, works } = afterCpu(known, { now, cpu, maxCpu: spec.maxCpu ?? tmuxDefaults.maxCpu });
  const activity = Math.max(...session.panes.map((pane) => pane.activity));
  if (works || !mayHaveMoved(seen, { activity, now })) return seen;
  const screen = await readScreen(server, session, { ignore: spec.ignore, signal: context.signal });
  return "problem" in screen ? screen : afterScreen(seen, screen.hash, now);
}

/** A task counts from when it was assigned, if that is said, else from the first look that saw it: before, the session had nothing to do. */
function withSince({ id, since }: Task, { task }: Seen, now: number): { id: string; since: number } {
  if (since !== undefined) return { id, since: Math.min(since, now) };
  return task?.id === id ? { id, since: Math.min(task.since, now) } : { id, since: now };
}

async function verdict(
  { session, server, target: { spec } }: Subject,
  on: {
    context: CheckContext;
    processes: readonly ProcStat[];
    seen: Seen;
    task: { readonly id: string; readonly since: number };
  },
): Promise<Judged> {
  const { context, processes, seen, task } = on;
  const { name, key } = session;
  const quietMs = Math.max(0, context.now() - Math.max(seen.since, task.since));
  const quiet = {
    how: "quiet" as const,
    session: name,
    quietMs,
    why: `quiet for ${formatDuration(quietMs)} with task ${plain(task.id)}`,
  };
  if (quietMs < (spec.idle ?? tmuxDefaults.idle)) return quiet;
  // For the evidence, and because something may have been written in this very second.
  const screen = await readScreen(server, session, { ignore: spec.ignore, signal: context.signal });
  if ("problem" in screen) return { how: "unsure", session: name, why: screen.problem };
  if (screen.hash !== seen.hash) {
    const now = context.now();
    pastOf(context).set(name, afterScreen({ ...seen, task }, screen.hash, now));
    return { how: "fine", session: name, why: "at work" };
  }
  const names = processes.map((process) => plain(process.name)).slice(0, 10);
  return {
    how: "stuck",
    session: name,
    key,
    hash: screen.hash,
    task: task.id,
    quietMs,
    processes: names,
    screen: screen.lines,
  };
}
