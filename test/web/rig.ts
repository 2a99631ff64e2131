import { join } from "node:path";
import { type Job, Worker } from "bullmq";
import { onTestFinished } from "vitest";
import { systemClock } from "../../src/lib/clock.ts";
import type { Config, TokenUse } from "../../src/model/config.ts";
import type { HealResult } from "../../src/model/heal.ts";
import type { TargetState } from "../../src/model/state.ts";
import type { Target } from "../../src/model/target.ts";
import { checkQueue, healQueue, openHealQueue, type QueueAddress } from "../../src/queues/names.ts";
import { openQueues } from "../../src/queues/queues.ts";
import { createFleetRequests } from "../../src/queues/requests.ts";
import { shownQueues } from "../../src/queues/shown.ts";
import { openCalls } from "../../src/store/calls.ts";
import { changeState } from "../../src/store/change.ts";
import { announceTargets, beat } from "../../src/store/nodes.ts";
import { createFleetReader } from "../../src/store/reader.ts";
import { createRedisStore } from "../../src/store/redis-store.ts";
import type { HealthReport, WebLog, WebOptions } from "../../src/web/options.ts";
import { startWeb } from "../../src/web/server.ts";
import { startRedis } from "../support/redis.ts";
import { scratch } from "../support/scratch.ts";

/** The node all tests here talk to. */
export const node = "trading-1";

const operator: TokenUse = { name: "ann", token: "operator-token-of-ann", role: "operator" };
const viewer: TokenUse = { name: "vic", token: "viewer-token-of-vic", role: "viewer" };

/** Headers of a program that signs in. */
export const asOperator = { authorization: `Bearer ${operator.token}` };
export const asViewer = { authorization: `Bearer ${viewer.token}` };
export const operatorToken = operator.token;

/** The real web part before the real store and queues; only the work behind the queues is the test's own. */
export async function startRig(
  options: {
    host?: string;
    work?: (job: Job) => Promise<unknown>;
    onLog?: (message: string) => void;
    targets?: readonly Target[];
  } = {},
) {
  const redis = await startRedis();
  const main = redis.connect();
  const queues = openQueues({ connection: main, eventsConnection: redis.connect });
  const store = createRedisStore({ redis: main, node, redact: (text) => text });
  const beating = await announce(main);
  const worker = (address: QueueAddress, processor: (job: Job) => Promise<unknown>) =>
    new Worker(address.name, processor, { connection: redis.connect(), prefix: address.prefix });
  const keepLook = (target: string) =>
    store.keepLooks([
      {
        target,
        look: {
          at: Date.now(),
          status: "ok",
          message: "running, answered in 4 ms",
          metrics: { rss: 31_457_280, latencyMs: 4 },
          durationMs: 5,
          findings: [],
          state: "running",
          pid: 4_242,
        },
      },
    ]);
  const workers = [
    worker(healQueue(node), options.work ?? heal),
    worker(openHealQueue, heal),
    worker(checkQueue(node), async (job) => Promise.all(job.data.targets.map(keepLook))),
  ];
  for (const each of workers) each.on("error", () => undefined);
  // A worker cannot be closed in good order once its Redis is gone.
  const stopWorkers = async () => void (await Promise.all(workers.map((each) => each.close())));
  const health: HealthReport = { status: "ok", redis: "ok", scheduler: "ticking", pausedQueues: [] };
  const rig = { health, redis, store, queues, stopWorkers };
  const note = (_fields: object, message: string) => options.onLog?.(message);
  const log: WebLog = { info: note, warn: note, error: note };
  const tokenFile = join(scratch(), "token");
  const own = testConfig();
  const targets = new Map([
    ...own.targets,
    ...(options.targets ?? []).map((each) => [each.id, each] as const),
  ]);
  const config: Config = { ...own, stateDir: scratch(), targets };
  const web = await startWeb({
    host: options.host ?? "127.0.0.1",
    port: 0,
    config,
    reader: createFleetReader({ redis: main, node, clock: systemClock, duplicate: redis.connect }),
    requests: createFleetRequests({ queues, redis: main, node, clock: systemClock }),
    queues: () => shownQueues(queues, main, node),
    health: async () => rig.health,
    tokenFile,
    tokens: [operator, viewer],
    audit: (entry) => store.note([entry]),
    calls: openCalls(main),
    log,
  });
  onTestFinished(async () => {
    await web.stop();
    clearInterval(beating);
    await stopWorkers();
    await queues.close();
    await redis.stop();
  });
  return Object.assign(rig, { web, config, url: web.url, tokenFile, keepLook });
}

export type Rig = Awaited<ReturnType<typeof startRig>>;

/** Options for a web part that never gets as far as asking: there is nothing behind it. */
export function webOptions(): WebOptions {
  const none = () => Promise.reject(new Error("not asked in this test"));
  return {
    host: "127.0.0.1",
    port: 0,
    config: testConfig(),
    reader: {
      nodes: none,
      targets: none,
      pauses: none,
      audit: none,
      incidents: none,
      incident: none,
      follow: () => {
        throw new Error("not asked in this test");
      },
    },
    requests: { heal: none, check: none, wish: none, logs: none, pause: none, resume: none },
    queues: none,
    health: none,
    tokenFile: "",
    tokens: [],
    audit: none,
    calls: { record: none },
    log: { info: () => undefined, warn: () => undefined, error: () => undefined },
  };
}

/** A heal that succeeds and tells its story. */
async function heal(job: Job): Promise<HealResult> {
  const { target, dryRun } = job.data;
  await job.log("look again: dead, killed by SIGKILL");
  await job.log("restart: started as pid 4242");
  await job.log("verified after 12 ms: running, answered in 4 ms");
  return {
    target,
    outcome: dryRun === true ? "dry-run" : "healed",
    remedy: "restart",
    reason: "dead: killed by SIGKILL",
    applications: 1,
    recoveredMs: 312,
    durationMs: 280,
    incident: null,
  };
}

/** A state as policy writes it. */
export function state(change: Partial<TargetState>): TargetState {
  const now = Date.now();
  return {
    status: "ok",
    since: now,
    symptoms: [],
    phase: "watching",
    phaseSince: now,
    reason: "",
    recent: [],
    okInRow: 1,
    applications: [],
    failedHeals: 0,
    backoffLevel: 0,
    heals: { ok: 0, failed: 0 },
    ...change,
  };
}

/** Gives a target a state, with notes and perhaps an incident, as the heal and check jobs do. */
export async function put(rig: Rig, target: string, next: Parameters<typeof changeState>[2]): Promise<void> {
  await changeState(rig.store, target, next);
}

async function announce(redis: Parameters<typeof beat>[0]): Promise<NodeJS.Timeout> {
  const startedAt = Date.now();
  const say = () =>
    beat(redis, { node, pid: process.pid, host: "host", version: "0.1.0", startedAt, seenAt: Date.now() });
  await say();
  await announceTargets(
    redis,
    node,
    [...testConfig().targets.values()].map(({ id, kind }) => ({ id, kind, tries: 3 })),
  );
  return setInterval(() => void say().catch(() => undefined), 1_000);
}

function testConfig(): Config {
  const targets = [
    ["predictive_engine", "process"],
    ["ensemble_predictor", "process"],
    ["weights", "file"],
    ["exchange", "http"],
  ].map(([id = "", kind = ""]): [string, Target] => [id, target(id, kind)]);
  return {
    file: "/etc/healq.yaml",
    base: "/etc",
    node,
    stateDir: "/var/lib/healq",
    timezone: "UTC",
    targets: new Map(targets),
    limits: { heals: { max: 60, per: 60_000 }, concurrency: 16, maxUnhealthy: 0.5 },
    alerts: [],
    web: { host: "127.0.0.1", port: 3210, tokens: [] },
  };
}

function target(id: string, kind: string): Target {
  return {
    id,
    kind,
    spec: {},
    nodes: [node],
    schedule: { every: 10 },
    timeout: 3_000,
    policy: {
      failAfter: { count: 1, of: 1 },
      recoverAfter: 1,
      probation: 10_000,
      backoff: { delay: 1_000, max: 60_000, jitter: 0.2 },
      budget: { max: 5, per: 300_000 },
      breaker: { failures: 3, cooldown: 300_000, reset: 3_600_000 },
      verify: { within: 30_000 },
      mode: "auto",
    },
    needs: [],
    ladders: { any: [], bySymptom: {} },
    critical: false,
    base: "/etc",
  };
}
