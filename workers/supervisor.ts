import type { HealContext } from "../jobs/context.ts";
import { processSpecOf } from "../src/checks/process-spec.ts";
import { systemClock } from "../src/lib/clock.ts";
import type { Config } from "../src/model/config.ts";
import { targetsOn } from "../src/model/config.ts";
import { messageOf } from "../src/model/errors.ts";
import type { Log } from "../src/model/log.ts";
import { describeExit } from "../src/model/process.ts";
import { stopOrder } from "../src/model/stop-order.ts";
import type { Target } from "../src/model/target.ts";
import { openProcesses, type Processes } from "../src/system/processes.ts";
import { rotate } from "../src/system/rotate.ts";
import type { StatusBoard } from "./board.ts";
import { createStarts, type Starts } from "./starts.ts";

/** The processes of this node that healq starts. */
function runTargets(config: Config): Target[] {
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
}): Promise<Starts> {
  const { config, context, processes, board } = options;
  const targets = runTargets(config);
  hearExits(options);
  const adopted = new Set(
    processes.adoptAll(targets).map(({ id, pid }) => {
      context.log.info({ target: id, pid }, `adopted ${id}, pid ${pid}`);
      return id;
    }),
  );
  for (const left of processes.recover()) {
    context.log.warn({ target: left.id }, `${left.id} was ${left.was} when healq ended; to do: ${left.todo}`);
    if (left.pid !== undefined) adopted.add(left.id);
    const target = targets.find(({ id }) => id === left.id);
    if (target === undefined || (left.todo !== "stop" && left.todo !== "restart")) continue;
    // The half that was begun is ended; a start, where one is due, follows below with the others.
    adopted.delete(left.id);
    await context.locks.hold(target.id, AbortSignal.timeout(60_000), (signal) =>
      processes.stop(target, left.why ?? "heal", signal),
    );
    if (left.todo === "stop" && left.why === "person") adopted.add(left.id);
  }
  const starts = createStarts({
    targets: targets.filter(({ id }) => !adopted.has(id)),
    context,
    processes,
    board,
  });
  await starts.proceed();
  return starts;
}

/** An exit that nobody announced is told, and looked at at once. */
function hearExits({ context, processes }: { context: HealContext; processes: Processes }): void {
  processes.onExit((id, exit, { expected }) => {
    const target = context.config.targets.get(id);
    if (expected || target === undefined) return;
    const reason = describeExit(exit);
    context.log.warn({ target: id }, `${id}: ${reason}`);
    const details = { code: exit.code, signal: exit.signal, unknown: exit.unknown };
    const note = { at: exit.at, event: "target.exited" as const, target: id, reason, details };
    const tell = context.storeOf(target).note([note]);
    // The look is what counts: it is not kept waiting by the record.
    const look = context.dispatch.look([id]);
    for (const each of [tell, look])
      each.catch((error) => context.log.error({ target: id }, messageOf(error)));
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
        await context.locks.hold(target.id, signal, () => processes.stop(target, "shutdown"));
      }),
    );
  }
}

/** Cuts the logs of the processes that have grown too long. */
export async function rotateLogs(config: Config, healqLog: string): Promise<void> {
  await rotate(healqLog, { maxSize: 10 * 1024 * 1024, keep: 5 });
  for (const target of runTargets(config)) {
    const spec = processSpecOf(target, config.stateDir);
    if (spec !== undefined) await rotate(spec.log.path, spec.log);
  }
}
