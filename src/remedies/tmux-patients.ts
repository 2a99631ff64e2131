import * as z from "zod";
import type { TmuxSpec } from "../checks/tmux-fields.ts";
import { isPattern } from "../checks/tmux-names.ts";
import { readScreen } from "../checks/tmux-screen.ts";
import { listSessions, type Session, usedBy } from "../checks/tmux-sessions.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext } from "../model/remedy.ts";
import type { Target } from "../model/target.ts";
import { type TmuxServer, tmux, tmuxServer } from "../system/tmux.ts";

/** What a look said of the sessions that are stuck. */
const evidenceSchema = z.looseObject({
  sessions: z.array(z.looseObject({ session: z.string(), key: z.string(), hash: z.string() })),
});

/** A session that a look found to be stuck; without `key` a person has named it. */
interface Suspect {
  readonly session: string;
  readonly key?: string;
  readonly hash?: string;
}

/** The sessions that a cure is for, looked at again, and why others are left alone. */
export interface Patients {
  readonly server: TmuxServer;
  readonly sessions: readonly Session[];
  /** The names of those that have ended since. */
  readonly gone: readonly string[];
  /** Those that must not be touched, a line each. */
  readonly spared: readonly string[];
}

/** A target of the kind tmux; its fields were parsed by the kind's own schema. */
export function tmuxTarget(target: Target): Target<TmuxSpec> {
  // `kinds` of the remedies names tmux alone, so its spec is what that schema gave.
  return target as Target<TmuxSpec>;
}

/** The tmux server of a target; throws when it must not be talked to. */
export function serverOf(target: Target): TmuxServer {
  const server = tmuxServer(tmuxTarget(target).spec.socket, target.base);
  if ("problem" in server) throw new HealqError("tmux", server.problem);
  return server;
}

/** All sessions now; throws when tmux does not say. */
export async function sessionsNow(server: TmuxServer, signal: AbortSignal): Promise<readonly Session[]> {
  signal.throwIfAborted();
  const sessions = await orAborted(listSessions(server), signal);
  if ("problem" in sessions) throw new HealqError("tmux", sessions.problem);
  return sessions;
}

/** Looks again at those that were stuck: a cure is only for one that is the same, that nobody uses, and that has not moved since. */
export async function findPatients(context: RemedyContext): Promise<Patients> {
  const server = serverOf(context.target);
  const now = await sessionsNow(server, context.signal);
  const sessions: Session[] = [];
  const gone: string[] = [];
  const spared: string[] = [];
  for (const suspect of suspectsOf(context)) {
    const session = now.find(({ name }) => name === suspect.session);
    const why = session && (await healthOf(suspect, session, { server, context }));
    if (session === undefined) gone.push(suspect.session);
    else if (why === undefined) sessions.push(session);
    else spared.push(`${suspect.session} ${why}: leave it alone`);
  }
  return { server, sessions, gone, spared };
}

/** Without evidence (a person forces it) only a session that the config names: a pattern would mean every one. */
function suspectsOf({ target, finding }: RemedyContext): Suspect[] {
  const evidence = evidenceSchema.safeParse(finding?.evidence);
  if (finding?.symptom === "tmux.stuck" && evidence.success)
    return evidence.data.sessions.map(({ session, key, hash }) => ({ session, key, hash }));
  const named = tmuxTarget(target).spec.session.filter((name) => !isPattern(name));
  if (named.length === 1) return named.map((session) => ({ session }));
  throw new HealqError(
    "not-stuck",
    `no session of ${target.id} was seen to be stuck: nothing is interrupted or killed`,
  );
}

async function healthOf(
  suspect: Suspect,
  session: Session,
  { server, context }: { server: TmuxServer; context: RemedyContext },
): Promise<string | undefined> {
  const user = usedBy(session);
  if (user !== undefined) return `is used (${user})`;
  if (suspect.key === undefined) return undefined;
  if (suspect.key !== session.key) return "is another one now";
  const { ignore } = tmuxTarget(context.target).spec;
  const screen = await readScreen(server, session, { ignore, signal: context.signal });
  if ("problem" in screen) throw new HealqError("tmux", screen.problem);
  return screen.hash === suspect.hash ? undefined : "moves again";
}

/**
 * Does something to a session if it is still the same one and nobody uses it: the server itself decides that in the moment in which it acts, so
 * a person cannot attach in between. Throws when it is not so. Source: tmux(1), if-shell -F.
 */
export async function actOn(
  { server, session }: { server: TmuxServer; session: Session },
  command: string,
  signal: AbortSignal,
): Promise<void> {
  const [pane] = session.panes;
  if (pane === undefined) return;
  const isSame = `#{==:#{pane_pid},${pane.pid}}`;
  const isFree = "#{==:#{session_attached},0}";
  const guard = `#{&&:${isSame},#{&&:${isFree},#{==:#{pane_in_mode},0}}}`;
  const told = await tmux(
    server,
    ["if-shell", "-F", "-t", pane.id, guard, command, "display-message -p refused"],
    { signals: [signal] },
  );
  signal.throwIfAborted();
  if ("problem" in told) throw new HealqError("tmux", told.problem);
  if ("said" in told && told.said.includes("refused"))
    throw new HealqError("in-use", `${session.name} is in use or another one now: left alone`);
}

/** For `misfit` of remedies that act on what the kind's own schema gave; undefined for a spec that is none. */
export function tmuxSpec(spec: unknown): Partial<TmuxSpec> {
  return z.looseObject({}).safeParse(spec).success ? (spec as Partial<TmuxSpec>) : {};
}
