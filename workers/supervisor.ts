import { runCheck } from "../jobs/check.ts";
import type { HealContext } from "../jobs/context.ts";
import { pauseOf } from "../jobs/pause-of.ts";
import { processSpecOf } from "../src/checks/process-spec.ts";
import { systemClock } from "../src/lib/clock.ts";
import type { Config } from "../src/model/config.ts";
import { targetsOn } from "../src/model/config.ts";
import { copyNames, instancesOf, oneCopy, whoseCopy } from "../src/model/copies.ts";
import { messageOf } from "../src/model/errors.ts";
import type { Log } from "../src/model/log.ts";
import type { Stopped } from "../src/model/ports.ts";
import { describeExit, describeStopped } from "../src/model/process.ts";
import { stopOrder } from "../src/model/stop-order.ts";
import type { Target } from "../src/model/target.ts";
import { openProcesses, type Processes } from "../src/system/processes.ts";
import type { Unfinished } from "../src/system/recover.ts";
import type { StatusBoard } from "./board.ts";
import { createStarts, type Starts } from "./starts.ts";
import { endSurplus } from "./surplus.ts";

/** The processes of this node that healq starts. */
export function runTargets(config: Config): Target[] {
  return targetsOn(config, config.node).filter(
    (target) => processSpecOf(target, config.stateDir) !== undefined,
  );
}

/** Opens the process machinery; nothing is touched yet. */
export function openNodeProcesses(config: Config, log: Log): Processes {
  return openProcesses({
    stateDir: config.stateDir,
    specOf: (target) => processSpecOf(target, config.stateDir),
    clock: systemClock,
    log: (line) => log.info({}, line),
    redisUrl: config.redis,
  });
}

/**
 * Takes over what runs, finishes what an earlier healq left half done, listens to exits, and starts the rest: needs first.
 * Resolves when everything that may start at once has been started.
 */
export async function takeOver(options: {
  config: Config;
  context: HealContext;
  processes: Processes;
  board: StatusBoard;
  stateOf: Parameters<typeof createStarts>[0]["stateOf"];
}): Promise<Starts> {
  const { config, context, processes } = options;
  const targets = runTargets(config);
  hearExits(options);
  const adopted = new Set(
    processes.adoptAll(targets).map(({ id, pid }) => {
      context.log.info({ target: id, pid }, `adopted ${id}, pid ${pid}`);
      return id;
    }),
  );
  for (const left of processes.recover()) {
    const { id: owner } = whoseCopy(left.id);
    context.log.warn({ target: owner }, `${left.id} was ${left.was} when healq ended; to do: ${left.todo}`);
    if (left.pid !== undefined) adopted.add(left.id);
    const target = targets.find(({ id }) => id === owner);
    // The half that was begun is ended; a start, where one is due, follows below with the others.
    if (target !== undefined && (await endHalf(target, left, options))) adopted.delete(left.id);
  }
  endSurplus(targets, options);
  const runs = ({ id, spec }: Target) => copyNames(id, instancesOf(spec)).every((name) => adopted.has(name));
  const starts = createStarts({ ...options, targets: targets.filter((target) => !runs(target)) });
  await starts.proceed();
  return starts;
}

/** Ends a stop that was begun by an earlier healq. Not while it is paused: then nothing is done to it. True if it was done. */
async function endHalf(
  target: Target,
  left: Unfinished,
  { context, processes }: { context: HealContext; processes: Processes },
): Promise<boolean> {
  if (left.todo !== "stop" && left.todo !== "restart") return false;
  const paused = pauseOf(await context.pauses(), target.id, context.clock.now());
  if (paused !== undefined && left.why === "heal") {
    context.log.warn({ target: target.id }, `${target.id} is left as it is: paused by ${paused.reason}`);
    return false;
  }
  const half = oneCopy(target, whoseCopy(left.id).copy);
  await context.locks.hold(target.id, AbortSignal.timeout(60_000), (signal) =>
    processes.stop(half, left.why ?? "heal", signal),
  );
  return true;
}

/** An exit that nobody announced is told, and looked at at once. */
function hearExits({ context, processes }: { context: HealContext; processes: Processes }): void {
  processes.onExit((name, exit, { expected }) => {
    const { id, copy } = whoseCopy(name);
    const target = context.config.targets.get(id);
    if (expected || target === undefined) return;
    const counted = instancesOf(target.spec) > 1;
    const reason = counted ? `copy ${copy} ${describeExit(exit)}` : describeExit(exit);
    context.log.warn({ target: id }, `${id}: ${reason}`);
    const details = {
      code: exit.code,
      signal: exit.signal,
      unknown: exit.unknown,
      ...(counted && { copy }),
    };
    const note = { at: exit.at, event: "target.exited" as const, target: id, reason, details };
    const complain = (error: unknown) => context.log.error({ target: id }, messageOf(error));
    const told = context.storeOf(target).note([note]).catch(complain);
    // Not sent through a queue to ourselves. What is seen is told after the exit, also when a Redis that has just gone takes its time.
    const inOrder: HealContext = { ...context, record: (seen) => told.then(() => context.record(seen)) };
    runCheck([id], "event", inOrder).catch(complain);
  });
}

/** Stops all processes that healq started, those that need others before those; for `down --workers`. */
export async function stopWorkers(
  { config, context, processes }: { config: Config; context: HealContext; processes: Processes },
  say: (what: string) => void,
): Promise<void> {
  for (const group of stopOrder(runTargets(config))) {
    await Promise.all(
      group.map(async (target) => {
        say(target.id);
        context.locks.interrupt(target.id, "healq stops its workers");
        const signal = AbortSignal.timeout(120_000);
        const ended = await context.locks.hold(target.id, signal, () => processes.stop(target, "shutdown"));
        if (ended.pid !== null) await tellStopped(target, ended, context);
      }),
    );
  }
}

/** For the record. That it cannot be written now keeps nothing from being stopped. */
async function tellStopped(target: Target, ended: Stopped, context: HealContext): Promise<void> {
  const note = {
    at: context.clock.now(),
    event: "target.stopped" as const,
    target: target.id,
    action: "stop",
    reason: `healq down --workers: ${describeStopped(ended)}`,
  };
  await context
    .storeOf(target)
    .note([note])
    .catch((error) => context.log.warn({ target: target.id }, messageOf(error)));
}
