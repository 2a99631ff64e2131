import * as z from "zod";
import { argv, duration, share } from "../lib/fields.ts";
import { regexField } from "./bounded-regex.ts";
import { isPattern } from "./tmux-names.ts";

/** tmux itself writes `_` for a colon or a full stop in a name, so such a one would never be found. */
const sessionName = () =>
  z.string().regex(/^[^:.\p{Cc}]+$/u, {
    error:
      "is the name of a session, without colons and full stops; * and ? stand for any text and any character",
  });

const database = () => z.string().min(1);

const task = z.union([
  z.strictObject({
    sqlite: database().describe("The SQLite database, opened to be read only; relative to the config file."),
    query: z
      .string()
      .regex(/^\s*(select|with)\b/i, { error: "must be a SELECT" })
      .describe(
        "One SELECT; `:session` is bound to the session's name. A row is a task: its `id` (else the first column), and since when it is assigned, if there is an `updated_at`.",
      ),
  }),
  z.strictObject({
    run: argv().describe(
      "A program that is told HEALQ_SESSION and prints the id of the task, or nothing. Any exit code but 0 is unknown.",
    ),
  }),
]);

const requeue = z.union([
  z.strictObject({
    sqlite: database().describe("The SQLite database; relative to the config file."),
    update: z
      .string()
      .regex(/^\s*(update|insert|delete|with)\b/i, { error: "must be one UPDATE, INSERT or DELETE" })
      .refine((sql) => /:task\b/.test(sql), { error: "must name :task, or it would change every task" })
      .describe("One statement; `:task`, `:session` and `:reason` are bound, never put into the text."),
  }),
  z.strictObject({
    run: argv().describe("A program that is told HEALQ_SESSION, HEALQ_TASK and HEALQ_MESSAGE."),
    timeout: duration().prefault("30s").describe("Its whole group is ended after this. Default: 30s."),
  }),
]);

/** The fields of a `tmux` target. */
export const tmuxSchema = z.strictObject({
  session: z
    .union([sessionName(), z.array(sessionName()).min(1)])
    .transform((names): readonly string[] => (typeof names === "string" ? [names] : names))
    .describe(
      "The session, or a list; * and ? are patterns: agent-*. A plain name must be there, a pattern may match nothing.",
    ),
  socket: z
    .string()
    .min(1)
    .optional()
    .describe(
      "Which tmux server: a name (as `tmux -L`), or a path with a slash (as `tmux -S`), relative to the config file. Default: the default server of the user healq runs as.",
    ),
  idle: duration()
    .refine((ms) => ms > 0, { error: "must be more than 0" })
    .optional()
    .describe("Stuck when it has a task and has done nothing for this long. Default: 5m."),
  maxCpu: share()
    .optional()
    .describe(
      "Processor time up to this share of one core, of all processes of the session, is nothing. Default: 1%.",
    ),
  ignore: z
    .array(regexField())
    .optional()
    .describe(
      "Regular expressions for what may move on the screen of a session that does nothing: a spinner, a clock, seconds that count up.",
    ),
  task: task
    .optional()
    .describe(
      "Says whether work is assigned to a session. Without it a session is never stuck, only missing.",
    ),
  requeue: requeue
    .optional()
    .describe(
      "Gives the task back, once the session was interrupted or killed. Default: the task stays as it is.",
    ),
  run: argv()
    .optional()
    .describe(
      "What the session runs: a missing one is started, and one that was killed is started anew. For one plain name only. Default: healq starts no session.",
    ),
  cwd: z
    .string()
    .min(1)
    .optional()
    .describe("Where `run` runs; relative to the config file. Default: the config file's folder."),
});

/** The fields of a `tmux` target, as parsed. */
export type TmuxSpec = z.output<typeof tmuxSchema>;

/** Defaults that are not in the schema: a field that says nothing without `task` is refused when given without it. */
export const tmuxDefaults = { idle: 300_000, maxCpu: 0.01 } as const;

/** What may not stand together. */
export function tmuxProblems(spec: TmuxSpec): { path: string[]; message: string }[] {
  const { task: asked, session, run } = spec;
  const isOne = session.length === 1 && !session.some(isPattern);
  const problems: { path: string[]; message: string }[] = [];
  for (const field of ["idle", "maxCpu", "ignore", "requeue"] as const) {
    if (asked === undefined && spec[field] !== undefined)
      problems.push({ path: [field], message: "does nothing without `task`, which says who has work" });
  }
  if (asked !== undefined && "query" in asked && !isOne && !/:session\b/.test(asked.query))
    problems.push({
      path: ["task"],
      message: "the query must name :session, or all sessions would have the same task",
    });
  if (run !== undefined && !isOne)
    problems.push({ path: ["run"], message: "is for one session with a plain name" });
  if (spec.cwd !== undefined && run === undefined)
    problems.push({ path: ["cwd"], message: "does nothing without `run`" });
  return problems;
}
