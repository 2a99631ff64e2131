import { isSupervisor, type UpModule, type UpRole } from "../src/cli/up-module.ts";
import { version } from "../src/cli/version.ts";
import { redactorFor } from "../src/config/secrets.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createReleasers, type Releasers } from "../src/lib/releasers.ts";
import { type Config, targetsOn } from "../src/model/config.ts";
import { messageOf, UsageError } from "../src/model/errors.ts";
import type { Observation } from "../src/model/observation.ts";
import { promoteOverlong } from "../src/queues/overlong.ts";
import { wordsOf } from "../src/redis/refusal.ts";
import { anyNode } from "../src/store/keys.ts";
import { acquireSupervisorLock } from "../src/system/lock.ts";
import { socketPath } from "../src/system/short-socket.ts";
import { prepareStateDir } from "../src/system/state-dir.ts";
import { distrustedFile } from "../src/system/trust.ts";
import { startAlertWorker } from "./alert.ts";
import { alertContext } from "./contexts.ts";
import { type Foundation, layFoundation } from "./foundation.ts";
import { letHeapGrow } from "./heap.ts";
import { listenOnLock } from "./lock-requests.ts";
import { openLog } from "./log.ts";
import { startChecks } from "./looks.ts";
import { type Scheduler, startScheduler } from "./scheduler.ts";
import { type Supervision, supervise } from "./supervise.ts";

type RunningNode = Awaited<ReturnType<UpModule["up"]>>;

/** Runs a node, or a part of one: the composition root. Everything is built here and handed down; it is stopped in reverse order. */
export const up: UpModule["up"] = async ({ config, roles, log: logging }) => {
  const supervises = supervisesWith(roles);
  letHeapGrow(config.targets.size);
  refuseForeignConfig(config);
  prepareStateDir(config.stateDir);
  const redact = redactorFor(config, process.env);
  const { log, file } = await openLog({ stateDir: config.stateDir, ...logging, redact });
  const releasers = createReleasers((name, problem) => log.warn({}, `while stopping ${name}: ${problem}`));
  try {
    const ending = withEnding(releasers);
    const listeners: Listeners = { down: notNow, looked: notNow };
    const lock = supervises ? await takeLock(config, { releasers, listeners }) : undefined;
    const foundation = await layFoundation({ config, log, redact, releasers, supervises });
    const supervision = supervises
      ? await supervise(foundation, { version: version(), healqLog: file })
      : undefined;
    listeners.down = downOf({ foundation, supervision, end: ending.end });
    if (supervision !== undefined) listeners.looked = (seen) => supervision.context.record(seen);
    const page = await startRoles(foundation, { roles, supervision });
    // The first that ends: what is seen while processes are stopped on purpose is no fault.
    releasers.add("looks of others", () => {
      listeners.looked = notNow;
    });
    lock?.announce({ ready: true });
    log.info(
      { node: config.node, targets: targetsOn(config, config.node).length },
      `healq ${version()} runs on node ${config.node}`,
    );
    return { done: ending.done, stop: () => ending.end(), ...page };
  } catch (error) {
    await releasers.release();
    throw error;
  }
};

/** As root: whoever can write the config says what root runs. */
function refuseForeignConfig({ file }: Config): void {
  const fault = distrustedFile(file);
  if (fault === undefined) return;
  throw new UsageError(
    `${file} ${fault}, and healq runs as root: read it, then chown root and chmod go-w what that is about`,
  );
}

/** The scheduler and the healing are the supervisor's; neither is of use without the other. */
function supervisesWith(roles: ReadonlySet<UpRole>): boolean {
  if (roles.has("scheduler") !== roles.has("heal")) {
    throw new UsageError("--only: scheduler and heal are both the supervisor's; name both or neither");
  }
  return isSupervisor(roles);
}

/** What is done with what is said over the supervisor's socket, which is heard before it can be done. */
interface Listeners {
  down: OnDown;
  looked(observations: readonly Observation[]): Promise<void>;
}
type OnDown = Parameters<typeof listenOnLock>[0]["down"];

async function notNow(): Promise<never> {
  throw new Error("healq is starting or stopping; try again in a moment");
}

type End = (last?: () => Promise<void>) => Promise<void>;

/** Ends once, however often it is asked for; `done` resolves when all is released and `last` has been done. */
function withEnding(releasers: Releasers): Pick<RunningNode, "done"> & { end: End } {
  let resolve: () => void = () => undefined;
  const done = new Promise<void>((settle) => {
    resolve = settle;
  });
  return {
    done,
    end: async (last) => {
      await releasers.release();
      await last?.();
      resolve();
    },
  };
}

async function takeLock(
  config: Config,
  { releasers, listeners }: { releasers: Releasers; listeners: Listeners },
) {
  const holder = { pid: process.pid, node: config.node, since: systemClock.now() };
  const lock = await acquireSupervisorLock(socketPath(config.stateDir, "healq.sock"), holder, {
    onRequest: listenOnLock({
      down: (...asked) => listeners.down(...asked),
      looked: (seen) => listeners.looked(seen),
    }),
  });
  releasers.add("lock", () => lock.release());
  return lock;
}

/** What `healq down` does: ends what looks and acts, the processes if wished, then the rest of healq and its private Redis. */
function downOf({
  foundation,
  supervision,
  end,
}: {
  foundation: Foundation;
  supervision: Supervision | undefined;
  end: End;
}): OnDown {
  return async (what, say) => {
    if (what === "workers") supervision?.takeWorkersAlong((id) => say("stopping", id));
    say("stopping", "healq");
    await end(() =>
      foundation.connections.stopServer().catch((error) => foundation.log.warn({}, messageOf(error))),
    );
  };
}

/** Starts what looks, schedules, alerts and serves. Gives the login link when the token was made just now, and why there is no page. */
async function startRoles(
  foundation: Foundation,
  { roles, supervision }: { roles: ReadonlySet<UpRole>; supervision: Supervision | undefined },
): Promise<Pick<RunningNode, "loginLink" | "pageProblem">> {
  const { config, releasers, connections, queues, log, stores } = foundation;
  const redis = connections.swift;
  const here = targetsOn(config, config.node);
  const now = () => systemClock.now();
  if (roles.has("alert")) {
    const worker = startAlertWorker({ connection: connections.patient(), context: alertContext(foundation) });
    releasers.add("alerts", () => worker.stop());
  }
  if (roles.has("check")) startChecks(foundation, supervision);
  let scheduler: Scheduler | undefined;
  if (supervision !== undefined) {
    const onClockSet = () => hastenDelayed(foundation);
    const started = startScheduler({ node: config.node, targets: here, queues, redis, log, now, onClockSet });
    // The clock may have been set back while healq was not there.
    onClockSet();
    scheduler = started;
    releasers.add("scheduler", () => started.stop());
    const own = here.filter(({ nodes }) => nodes !== "any").map(({ id }) => id);
    await supervision.parts.dispatch.look(own);
  }
  if (!roles.has("web")) return {};
  const { startWebWorker } = await import("./web.ts");
  const report = () => scheduler?.report();
  const { stop, ...page } = await startWebWorker({
    config,
    redis,
    patient: connections.patient,
    queues,
    store: stores.own,
    calls: foundation.calls,
    whyAway: () => stores.steady?.whyAway(),
    log,
    scheduler: report,
  });
  releasers.add("web", () => stop());
  return page;
}

/** Lets the jobs of this node run that a clock set back makes wait; a Redis that is away has none that are known. */
function hastenDelayed({ config, queues, log, connections }: Foundation): void {
  const places = [config.node, anyNode];
  const all = [queues.alert, ...places.flatMap((node) => [queues.heal(node), queues.check(node)])];
  promoteOverlong(all, { redis: connections.swift, now: systemClock.now() })
    .then((count) => count > 0 && log.info({}, `the clock was set back: ${count} jobs wait no longer`))
    .catch((error: unknown) => log.warn({}, `jobs may wait too long: ${wordsOf(error)}`));
}
