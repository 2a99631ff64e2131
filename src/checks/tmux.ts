import { formatDuration } from "../lib/duration.ts";
import { orAborted } from "../lib/or-aborted.ts";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { tmuxServer } from "../system/tmux.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { childrenNow } from "./process-tree.ts";
import { type TmuxSpec, tmuxProblems, tmuxSchema } from "./tmux-fields.ts";
import { forgetOthers, type Judged, judgeSession } from "./tmux-judge.ts";
import { isPattern, isWanted } from "./tmux-names.ts";
import { listSessions } from "./tmux-sessions.ts";

/** tmux sessions that must be there, and must not sit still while they have work. */
export const tmuxKind = defineKind<TmuxSpec>({
  kind: "tmux",
  summary: "tmux sessions: there, and not stuck while a task is assigned to them",
  schema: tmuxSchema,
  symptoms: {
    "tmux.stuck": "a session with a task has shown nothing new and used no processor time for `idle`",
    "tmux.missing": "there is no session of that name, or no tmux server",
  },
  network: false,
  references: () => [],
  defaultLadder: (spec) => ({
    "tmux.stuck": ["interrupt", "kill-session"],
    "tmux.missing": spec.run === undefined ? [] : ["new-session"],
  }),
  problems: tmuxProblems,
  observe,
});

/** Sessions that one finding names, and one cure is for; the rest is found when these are cured. */
const mostStuck = 10;

async function observe(target: Target<TmuxSpec>, context: CheckContext): Promise<Look> {
  const { spec } = target;
  const { shared } = context;
  const which = `${target.base}\0${spec.socket ?? ""}`;
  const server = shared.once(`tmux at ${which}`, () => tmuxServer(spec.socket, target.base));
  if ("problem" in server) return couldNotTell(server.problem);
  // Not under this look's signal: what the targets of a tick share must not end with one of them.
  const listing = shared.once(`tmux ${server.path}`, () => listSessions(server));
  // In the time that tmux needs for its answer.
  if (spec.task !== undefined) childrenNow(context);
  const sessions = await orAborted(listing, context.signal).catch(() => undefined);
  if (sessions === undefined) return couldNotTell(`the tmux server at ${server.path} did not answer`);
  if ("problem" in sessions) return couldNotTell(sessions.problem);
  const wanted = sessions.filter(({ name }) => isWanted(name, spec.session));
  forgetOthers(
    wanted.map(({ name }) => name),
    context,
  );
  const judged = await Promise.all(
    wanted.map((session) => judgeSession({ session, server, target }, context)),
  );
  const missing = spec.session.filter(
    (name) => !isPattern(name) && !sessions.some((session) => session.name === name),
  );
  return summarize(judged, missing, spec);
}

function summarize(judged: readonly Judged[], missing: readonly string[], spec: TmuxSpec): Look {
  const stuck = judged.filter((each) => each.how === "stuck");
  const unsure = judged.find((each) => each.how === "unsure");
  const findings = [
    ...(missing.length === 0 ? [] : [missingFinding(missing, spec)]),
    ...(stuck.length === 0 ? [] : [stuckFinding(stuck)]),
  ];
  const quiet = judged.flatMap((each) => ("quietMs" in each ? [each.quietMs] : []));
  const metrics = {
    sessions: judged.length,
    stuck: stuck.length,
    ...(quiet.length === 0 ? {} : { quietMs: Math.max(...quiet) }),
  };
  if (findings.length === 0 && unsure !== undefined)
    return couldNotTell(`${unsure.session}: ${unsure.why}`, metrics);
  return lookOf({ findings, metrics, fine: fineMessage(judged) });
}

function missingFinding(names: readonly string[], { socket }: TmuxSpec): Finding {
  const where = socket === undefined ? "" : ` on the tmux server ${socket}`;
  const said = names.length === 1 ? "there is no session" : "there are no sessions";
  const message = `${said} ${names.join(", ")}${where}`;
  return {
    symptom: "tmux.missing",
    severity: "critical",
    fact: true,
    message,
    evidence: { sessions: names },
  };
}

function stuckFinding(all: readonly Extract<Judged, { how: "stuck" }>[]): Finding {
  const stuck = all.slice(0, mostStuck);
  const said = stuck.map(
    ({ session, quietMs, task }) =>
      `${session} has done nothing for ${formatDuration(quietMs)} with task ${task}`,
  );
  const more = all.length > stuck.length ? `; and ${all.length - stuck.length} more` : "";
  return {
    symptom: "tmux.stuck",
    severity: "critical",
    fact: false,
    message: `${said.join("; ")}${more}`,
    evidence: { sessions: stuck.map(({ how: _, ...evidence }) => evidence) },
  };
}

function fineMessage(judged: readonly Judged[]): string {
  const [one] = judged;
  if (one === undefined) return "no session matches";
  const said = (each: Judged) => ("why" in each ? each.why : "stuck");
  if (judged.length === 1) return `${one.session}: ${said(one)}`;
  const counts = new Map<string, number>();
  for (const each of judged) {
    const what = each.how === "quiet" ? "quiet with a task" : said(each);
    counts.set(what, (counts.get(what) ?? 0) + 1);
  }
  return `${judged.length} sessions: ${[...counts].map(([what, count]) => `${count} ${what}`).join(", ")}`;
}
