import { formatDuration } from "../src/lib/duration.ts";
import type { AuditEvent } from "../src/model/audit.ts";
import { HealqError } from "../src/model/errors.ts";
import { describeStopped } from "../src/model/process.ts";
import type { RemedyContext } from "../src/model/remedy.ts";
import type { Target } from "../src/model/target.ts";
import type { Payloads } from "../src/queues/catalogue.ts";
import { stopSteps } from "../src/remedies/process-steps.ts";
import { waysOf } from "../src/remedies/process-ways.ts";
import { remedyOf } from "../src/remedies/registry.ts";
import { takeSteps } from "../src/remedies/steps.ts";
import type { HealContext } from "./context.ts";
import { isWell, lookUntilWell, verifyWithin } from "./heal/look-until-well.ts";

/** One delivery of a `target:wish` job. */
export interface WishJob {
  readonly id: string;
  readonly data: Payloads["target:wish"];
  readonly signal: AbortSignal;
  /** When an earlier delivery of it began, in milliseconds since the epoch; healq stopped or crashed in the middle. */
  readonly begunAt?: number;
  /** Keeps when this delivery began; does not wait. */
  keepBegun(at: number): void;
  say(line: string): void;
}

/**
 * Does what a person wants of a process, and says what was done. `stop` holds until `start`, over restarts of healq and of the
 * host: it is written down before anything else, so that no heal that is under way can undo it. Not kept back by the
 * kill switch, which is about what healq does by itself. Rejects with the reason when the wish could not be fulfilled.
 */
export async function runWish(job: WishJob, context: HealContext): Promise<string> {
  const { target: id, wish, requestedBy = "a person" } = job.data;
  const target = context.config.targets.get(id);
  if (target === undefined)
    throw new HealqError("unknown-target", `unknown target ${id} on node ${context.node}`);
  const ways = waysOf(target.spec);
  if (target.kind !== "process" || ways.start === undefined || ways.stop === undefined) {
    throw new HealqError(
      "not-startable",
      `${id} cannot be ${wish === "stop" ? "stopped" : "started"}: it has no run:, nor start: and stop: commands`,
    );
  }
  const writeDown = () => context.wishes.setStopped(id, requestedBy, context.clock.now());
  if (wish === "stop") {
    writeDown();
    context.locks.interrupt(id, `${requestedBy} stopped it`);
  }
  return context.locks.hold(id, job.signal, async (signal) => {
    // Once more in its turn: a start that was asked for before it may have taken the wish back meanwhile.
    if (wish === "stop") writeDown();
    // A stop is not interrupted by another stop.
    const done =
      wish === "stop"
        ? await stop(job, { target, context, signal: job.signal })
        : await startAgain(job, { target, context, signal });
    await context.dispatch.look([id]);
    return done;
  });
}

/** What a wish acts on, under its lock; `signal` aborts when a person wants something else, or healq stops. */
interface Acting {
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly context: HealContext;
}

async function stop(job: WishJob, acting: Acting): Promise<string> {
  const { target, context } = acting;
  const reason =
    waysOf(target.spec).stop?.by === "healq" ? await end(acting) : await stopByCommand(job, acting);
  await note(job, { target, context, event: "target.stopped", reason });
  return `${target.id} is stopped (${reason}); it stays so until \`healq start ${target.id}\``;
}

/** Ends what healq started itself. */
async function end({ target, context, signal }: Acting): Promise<string> {
  const ended = await context.processes.stop(target, "person", signal);
  return ended.pid === null ? "it was not running" : describeStopped(ended);
}

/** By its `stop:` command, or by its manager. */
async function stopByCommand(job: WishJob, acting: Acting): Promise<string> {
  const remedy = remedyContextOf(job, acting);
  const steps = stopSteps(remedy, waysOf(acting.target.spec, acting.target.base));
  await takeSteps(steps, remedy);
  return steps.map(({ line }) => line.replace(/, at most .*$/, "")).join("; ");
}

async function startAgain(job: WishJob, acting: Acting): Promise<string> {
  const { target, context, signal } = acting;
  const name = job.data.wish === "restart" ? "restart" : "start";
  const remedy = remedyOf(name);
  if (remedy === undefined) throw new Error(`no remedy is named ${name}`);
  if (job.begunAt === undefined) job.keepBegun(context.clock.now());
  // Only once it runs is the old wish over: a crash in between leaves what the person said last but one.
  const { details } = await remedy.apply(remedyContextOf(job, acting), {});
  // A stop that came meanwhile is the newer wish.
  signal.throwIfAborted();
  context.wishes.clearStopped(target.id);
  const look = await lookUntilWell(context, target, signal);
  if (!isWell(look)) signal.throwIfAborted();
  await note(job, {
    target,
    context,
    event: "target.started",
    reason: look.message,
    ...(details === undefined ? {} : { details }),
  });
  if (!isWell(look)) {
    const within = formatDuration(verifyWithin(target, look));
    throw new HealqError(
      "not-verified",
      `${target.id} was told to ${name}, but is not seen to be well after ${within}: ${look.message}`,
    );
  }
  return `${target.id} is ${look.message}`;
}

function remedyContextOf(job: WishJob, { target, context, signal }: Acting): RemedyContext {
  return {
    target,
    processes: context.processes,
    memory: context.memoryOf(target.id),
    signal,
    ...(job.begunAt === undefined ? {} : { begunAt: job.begunAt }),
    step: (line) => job.say(line),
    mayGoOn: async () => undefined,
  };
}

async function note(
  { id, data }: WishJob,
  {
    target,
    context,
    event,
    reason,
    details,
  }: {
    target: Target;
    context: HealContext;
    event: AuditEvent;
    reason: string;
    details?: Readonly<Record<string, unknown>>;
  },
): Promise<void> {
  const by = data.requestedBy === undefined ? {} : { by: data.requestedBy };
  const base = {
    at: context.clock.now(),
    event,
    target: target.id,
    action: data.wish,
    job: id,
    reason,
    ...by,
  };
  await context.storeOf(target).note([{ ...base, ...(details === undefined ? {} : { details }) }]);
}
