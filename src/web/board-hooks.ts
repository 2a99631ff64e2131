import * as z from "zod";
import { HealqError, messageOf } from "../model/errors.ts";
import { boardAction } from "./board-actions.ts";
import { checkAdded } from "./board-add.ts";
import type { Door, Visitor } from "./door.ts";
import { assertKnown } from "./known-target.ts";
import type { WebContext } from "./options.ts";

/** One call of Bull Board's own API, as it tells its hooks. */
interface BoardCall {
  readonly method: string;
  readonly route: string;
  readonly request: {
    readonly params: Readonly<Record<string, unknown>>;
    readonly headers: Readonly<Record<string, string | undefined>>;
    body: unknown;
  };
}

type Verdict = { allow: true } | { allow: false; status: 400 | 403; message: string };

/**
 * What stands before and after every call of Bull Board: it knows the route exactly, where a guard in front would have to
 * guess it from the path. Reading is for all; a change is for operators, of the listed kinds, and goes to the record.
 */
export function boardHooks(context: WebContext, door: Door) {
  const visitor = (call: BoardCall) => door.knock(call.request.headers)?.visitor;
  return {
    before: async (call: BoardCall): Promise<Verdict> => {
      if (call.method === "get") return { allow: true };
      const who = visitor(call);
      if (who?.role !== "operator") return forbid("a viewer may only look; this needs an operator");
      const known = boardAction(call);
      if ("refusal" in known) return forbid(known.refusal);
      return known.action === "add job" ? admit(call, who, context) : { allow: true };
    },
    after: async <Result extends { status?: number }>(call: BoardCall, result: Result): Promise<Result> => {
      if (call.method !== "get" && (result.status ?? 200) < 400) await record(call, visitor(call), context);
      return result;
    },
  };
}

function forbid(message: string): Verdict {
  return { allow: false, status: 403, message };
}

function invalid(message: string): Verdict {
  return { allow: false, status: 400, message };
}

/** Checks a job that is added, and puts the checked one in its place. */
async function admit(call: BoardCall, who: Visitor, context: WebContext): Promise<Verdict> {
  const added = checkAdded({
    queue: String(call.request.params.queueName),
    body: call.request.body,
    by: who.name,
  });
  if ("refusal" in added) return invalid(added.refusal);
  try {
    await assertKnown([added.job.data.target], context);
  } catch (error) {
    if (error instanceof HealqError) return invalid(error.message);
    throw error;
  }
  call.request.body = added.job;
  return { allow: true };
}

/** A failure here does not undo what was done, so it is logged in full instead. */
async function record(call: BoardCall, who: Visitor | undefined, context: WebContext): Promise<void> {
  const known = boardAction(call);
  if ("refusal" in known) return;
  const { queueName: queue, jobId: job, queueStatus: status } = call.request.params;
  const by = who?.name ?? "unknown";
  const target = known.action === "add job" ? targetOf(call.request.body) : undefined;
  const details = { queue, status, ...(known.action.startsWith("set ") ? { set: call.request.body } : {}) };
  const note = {
    at: context.clock.now(),
    event: "queue.changed" as const,
    action: known.action,
    reason: `${by} in Bull Board: ${known.action}${queue === undefined ? "" : ` on ${queue}`}`,
    by,
    details,
    ...(target === undefined ? {} : { target }),
    ...(typeof job === "string" ? { job } : {}),
  };
  try {
    await context.audit(note);
  } catch (error) {
    context.log.error(
      { note, reason: messageOf(error) },
      "what was done in Bull Board could not be recorded",
    );
  }
}

/** The target of a job that was added; its payload was checked before. */
function targetOf(body: unknown): string | undefined {
  return z.object({ data: z.object({ target: z.string() }) }).safeParse(body).data?.data.target;
}
