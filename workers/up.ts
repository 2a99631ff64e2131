import { isSupervisor, type UpModule, type UpRole } from "../src/cli/up-module.ts";
import { version } from "../src/cli/version.ts";
import { redactorFor } from "../src/config/secrets.ts";
import { systemClock } from "../src/lib/clock.ts";
import { createReleasers, type Releasers } from "../src/lib/releasers.ts";
import { type Config, targetsOn } from "../src/model/config.ts";
import { messageOf, UsageError } from "../src/model/errors.ts";
import { anyNode } from "../src/store/keys.ts";
import { readNodes } from "../src/store/nodes.ts";
import { acquireSupervisorLock } from "../src/system/lock.ts";
import { readProcesses } from "../src/system/read-processes.ts";
import { socketPath } from "../src/system/short-socket.ts";
import { prepareStateDir } from "../src/system/state-dir.ts";
import { distrusted } from "../src/system/trust.ts";
import { startAlertWorker } from "./alert.ts";
import { startCheckWorker } from "./check.ts";
import { alertContext, checkContext, type Parts } from "./contexts.ts";
import { type Foundation, layFoundation } from "./foundation.ts";
import { letHeapGrow } from "./heap.ts";
import { listenForDown } from "./lock-requests.ts";
import { openLog } from "./log.ts";
import { createQueueDispatch } from "./queue-dispatch.ts";
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
    let down: OnDown = async () => {
      throw new Error("healq is still starting; try again in a moment");
    };
    const lock = supervises
      ? await takeLock(config, { releasers, onDown: (...asked) => down(...asked) })
      : undefined;
    const foundation = await layFoundation({ config, log, redact, releasers, supervises });
    const supervision = supervises
      ? await supervise(foundation, { version: version(), healqLog: file })
      : undefined;
    down = downOf({ foundation, supervision, end: ending.end });
    const loginLink = await startRoles(foundation, { roles, supervision });
    lock?.announce({ ready: true });
    log.info(
      { node: config.node, targets: targetsOn(config, config.node).length },
      `healq ${version()} runs on node ${config.node}`,
    );
    return { done: ending.done, stop: () => ending.end(), ...(loginLink === undefined ? {} : { loginLink }) };
  } catch (error) {
    await releasers.release();
    throw error;
  }
};

/** As root: whoever can write the config says what root runs. */
function refuseForeignConfig({ file }: Config): void {
  const fault = distrusted(file);
  if (fault === undefined) return;
  throw new UsageError(
    `${file} ${fault}, and healq runs as root: read it, then chown root and chmod go-w it`,
  );
}

/** The scheduler and the healing are the supervisor's; neither is of use without the other. */
function supervisesWith(roles: ReadonlySet<UpRole>): boolean {
  if (roles.has("scheduler") !== roles.has("heal")) {
    throw new UsageError("--only: scheduler and heal are both the supervisor's; name both or neither");
  }
  return isSupervisor(roles);
}

type OnDown = Parameters<typeof listenForDown>[0];
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

async function takeLock(config: Config, { releasers, onDown }: { releasers: Releasers; onDown: OnDown }) {
  const holder = { pid: process.pid, node: config.node, since: systemClock.now() };
  const lock = await acquireSupervisorLock(socketPath(config.stateDir, "healq.sock"), holder, {
    onRequest: listenForDown(onDown),
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

/** Starts what looks, schedules, alerts and serves. Gives the login link when the token was made just now. */
async function startRoles(
  foundation: Foundation,
  { roles, supervision }: { roles: ReadonlySet<UpRole>; supervision: Supervision | undefined },
): Promise<string | undefined> {
  const { config, releasers, connections, queues, log, stores } = foundation;
  const redis = connections.swift;
  const here = targetsOn(config, config.node);
  const now = () => systemClock.now();
  const parts = supervision?.parts ?? helperParts(foundation);
  if (roles.has("alert")) {
    const worker = startAlertWorker({ connection: connections.patient(), context: alertContext(parts) });
    releasers.add("alerts", () => worker.stop());
  }
  if (roles.has("check")) startChecks(foundation, parts);
  let scheduler: Scheduler | undefined;
  if (roles.has("scheduler")) {
    const started = startScheduler({ node: config.node, targets: here, queues, redis, log, now });
    scheduler = started;
    releasers.add("scheduler", () => started.stop());
    await parts.dispatch.look(here.filter(({ nodes }) => nodes !== "any").map(({ id }) => id));
  }
  if (!roles.has("web")) return undefined;
  const { startWebWorker } = await import("./web.ts");
  const report = () => scheduler?.report();
  const web = await startWebWorker({
    config,
    redis,
    patient: connections.patient,
    queues,
    store: stores.own,
    log,
    scheduler: report,
  });
  releasers.add("web", () => web.stop());
  return web.signInLink;
}

/** What a process beside the supervisor decides with: over the queues only, for it has no hands of its own. */
function helperParts(foundation: Foundation): Parts {
  const { config, queues, connections } = foundation;
  const now = () => systemClock.now();
  const nodes = () => readNodes(connections.swift, now());
  return { ...foundation, dispatch: createQueueDispatch({ config, queues, nodes, now }) };
}

function startChecks({ config, releasers, connections }: Foundation, parts: Parts): void {
  const context = checkContext(parts, readProcesses(config.stateDir));
  releasers.add("looks", () => context.close());
  const nodes = targetsOn(config, config.node).some((target) => target.nodes === "any")
    ? [config.node, anyNode]
    : [config.node];
  for (const node of nodes) {
    const worker = startCheckWorker({ node, connection: connections.patient(), context });
    releasers.add(`looks of ${node}`, () => worker.stop());
  }
}
