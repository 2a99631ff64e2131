import { join } from "node:path";
import type { Redis } from "ioredis";
import type { RunningNode } from "../src/cli/up-module.ts";
import { systemClock } from "../src/lib/clock.ts";
import type { Config } from "../src/model/config.ts";
import { HealqError } from "../src/model/errors.ts";
import type { Log } from "../src/model/log.ts";
import type { CallRecorder } from "../src/model/ports.ts";
import type { Queues } from "../src/queues/queues.ts";
import { createFleetRequests } from "../src/queues/requests.ts";
import { shownQueues } from "../src/queues/shown.ts";
import { anyNode } from "../src/store/keys.ts";
import { createFleetReader } from "../src/store/reader.ts";
import { whyRefused } from "../src/store/refusal.ts";
import type { TargetStore } from "../src/store/target-store.ts";
import type { HealthReport } from "../src/web/options.ts";
import { startWeb, type Web } from "../src/web/server.ts";
import type { SchedulerReport } from "./scheduler.ts";

/** A scheduler that has not ticked for this long (milliseconds) is stalled. */
const stalledAfter = 5_000;
/** How often a port that was taken is tried again, in milliseconds. */
const retryEvery = 10_000;

interface WebOptions {
  readonly config: Config;
  readonly redis: Redis;
  readonly patient: () => Redis;
  readonly queues: Queues;
  readonly store: TargetStore;
  readonly calls: CallRecorder;
  /** Why the supervisor, if it is this process, keeps its record in memory. */
  readonly whyAway: () => string | undefined;
  readonly log: Log;
  readonly scheduler: () => SchedulerReport | undefined;
}

/** Runs the web part. A port that is taken keeps nobody from healing: it is said, and tried again. */
export async function startWebWorker(
  options: WebOptions,
): Promise<Pick<RunningNode, "loginLink" | "pageProblem" | "stop">> {
  const { log } = options;
  const open = async () => {
    const opened = await openWeb(options);
    log.info({ url: opened.url }, `status page at ${opened.url}`);
    return opened;
  };
  let web: Web | undefined;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let pageProblem: string | undefined;
  const retry = () => {
    timer = setTimeout(async () => {
      try {
        web = await open();
        if (stopped) await web.stop();
      } catch {
        retry();
      }
    }, retryEvery).unref();
  };
  try {
    web = await open();
  } catch (error) {
    if (!(error instanceof HealqError) || error.code === "token-file") throw error;
    pageProblem = `no status page: ${error.message}; healing goes on, and it is tried again every 10 s`;
    log.warn({}, pageProblem);
    retry();
  }
  return {
    ...(web?.signInLink === undefined ? {} : { loginLink: web.signInLink }),
    ...(pageProblem === undefined ? {} : { pageProblem }),
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await web?.stop();
    },
  };
}

/** Opens the port, with the queues of this node and those of the fleet. */
function openWeb(options: WebOptions): Promise<Web> {
  const { config, redis, queues, log } = options;
  const node = config.node;
  const clock = systemClock;
  return startWeb({
    ...config.web,
    config,
    reader: createFleetReader({ redis, node, clock, duplicate: options.patient }),
    requests: createFleetRequests({ queues, redis, node, clock }),
    queues: () => shownQueues(queues, redis, node),
    health: () => health(options),
    tokenFile: join(config.stateDir, "token"),
    audit: (note) => options.store.note([note]),
    calls: options.calls,
    log,
  });
}

/** The queues without which this node does not do its work. */
function ownQueues({ node, targets }: Config, queues: Queues) {
  const shares = [...targets.values()].some(({ nodes }) => nodes === "any");
  const nodes = shares ? [node, anyNode] : [node];
  return [queues.openHeal, queues.alert, ...nodes.flatMap((each) => [queues.heal(each), queues.check(each)])];
}

/** How healq itself is. */
async function health(options: WebOptions): Promise<HealthReport> {
  const { config, redis, scheduler, queues, whyAway } = options;
  const { state: redisState, reason } = await redisHealth(redis, config.node, whyAway);
  const report = scheduler();
  const stalled = report !== undefined && Date.now() - report.lastTick > stalledAfter;
  const ticking = report === undefined ? "elsewhere" : stalled ? "stalled" : "ticking";
  const pausedQueues: string[] = [];
  if (redisState === "ok") {
    for (const queue of ownQueues(config, queues))
      if (await queue.isPaused().catch(() => false)) pausedQueues.push(queue.name);
  }
  const well = redisState === "ok" && !stalled && pausedQueues.length === 0;
  const missed = report === undefined ? {} : { missedTicks: report.missed, lateTicks: report.late };
  const said = reason === undefined ? {} : { reason };
  const status = well ? "ok" : "critical";
  return { status, redis: redisState, ...said, scheduler: ticking, pausedQueues, ...missed };
}

/** Redis is well when it answers, takes what is written, has our keys as we left them, and has been told everything. */
async function redisHealth(
  redis: Redis,
  node: string,
  whyAway: () => string | undefined,
): Promise<{ state: HealthReport["redis"]; reason?: string }> {
  try {
    const reason = (await whyRefused(redis, node)) ?? whyAway();
    return reason === undefined ? { state: "ok" } : { state: "refusing", reason };
  } catch {
    return { state: "unreachable", reason: "Redis cannot be reached" };
  }
}
