import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import type { Redis } from "ioredis";
import type { CheckResult } from "../jobs/check.ts";
import { loadConfig } from "../src/config/load.ts";
import { redactorFor } from "../src/config/secrets.ts";
import { createReleasers } from "../src/lib/releasers.ts";
import type { Config } from "../src/model/config.ts";
import type { Log } from "../src/model/log.ts";
import { enqueueChecks } from "../src/queues/enqueue.ts";
import { stopPrivateRedis } from "../src/redis/private.ts";
import { readNodes } from "../src/store/nodes.ts";
import { openLedger } from "../src/system/ledger.ts";
import { identityOf } from "../src/system/procfs.ts";
import { readProcesses } from "../src/system/read-processes.ts";
import { prepareStateDir } from "../src/system/state-dir.ts";
import { startCheckWorker } from "../workers/check.ts";
import { checkContext } from "../workers/contexts.ts";
import { type Foundation, layFoundation } from "../workers/foundation.ts";
import { createQueueDispatch } from "../workers/queue-dispatch.ts";
import { printTable } from "./table.ts";

// Checks per second through the whole path (an enqueued tick → looks recorded in Redis), beside no-op BullMQ jobs per second
// through the same Redis in the same run. The Redis is healq's own private one, with its append-only file.

const seconds = Number(process.env.BENCH_SECONDS ?? 5);
const sizes = (process.env.BENCH_TARGETS ?? "1000,10000").split(",").map(Number);
const kinds = (process.env.BENCH_KINDS ?? "file,process").split(",");
const noops = Number(process.env.BENCH_NOOPS ?? 30_000);

interface Row {
  readonly [column: string]: string | number;
}

const quiet: Log = { info: () => undefined, warn: console.error, error: console.error };

/** Writes a config of `count` targets of a kind, all well, into a new folder. */
async function makeConfig(kind: string, count: number): Promise<{ folder: string; config: Config }> {
  const folder = mkdtempSync(join(tmpdir(), "hqb-"));
  mkdirSync(join(folder, "files"));
  const targets: Record<string, object> = {};
  for (let i = 0; i < count; i += 1) {
    const path = `files/${i}`;
    writeFileSync(join(folder, path), "{}");
    targets[`t${i}`] =
      kind === "file" ? { kind, path, maxAge: "1h", minSize: 1 } : { kind, run: ["sleep", "100000"] };
  }
  const file = join(folder, "healq.yaml");
  writeFileSync(file, JSON.stringify({ node: "bench", stateDir: "state", targets }));
  const loaded = await loadConfig(file, process.env);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  return { folder, config: loaded.config };
}

/** One living process, written down as the process of every target. */
function pretendAllRun(config: Config): () => void {
  const child = spawn("sleep", ["100000"], { stdio: "ignore" });
  const identity = identityOf(child.pid ?? 0);
  if (identity === undefined) throw new Error("sleep did not start");
  const ledger = openLedger(config.stateDir);
  for (const id of config.targets.keys())
    ledger.writeRecord(id, { identity, startedAt: Date.now() - 60_000 });
  return () => child.kill("SIGKILL");
}

/** CPU seconds used so far by this process and by Redis. */
async function cpu(redis: Redis): Promise<{ node: number; redis: number }> {
  const { user, system } = process.cpuUsage();
  const info = await redis.info("cpu");
  const used = [...info.matchAll(/used_cpu_(?:sys|user):([\d.]+)/g)].map(([, value]) => Number(value));
  return { node: (user + system) / 1e6, redis: used.reduce((sum, each) => sum + each, 0) };
}

async function checksPerSecond(kind: string, count: number): Promise<Row[]> {
  const { folder, config } = await makeConfig(kind, count);
  prepareStateDir(config.stateDir);
  const endProcess = kind === "process" ? pretendAllRun(config) : () => undefined;
  const releasers = createReleasers((name, problem) => console.error(name, problem));
  const redact = redactorFor(config, process.env);
  try {
    const base = await layFoundation({ config, log: quiet, redact, releasers, supervises: true });
    const checks = await measureChecks(base, `${count} ${kind}`);
    const jobs = noops === 0 ? [] : [await measureNoops(base, "no-op jobs")];
    return [checks, ...jobs];
  } finally {
    await releasers.release();
    await stopPrivateRedis({ stateDir: config.stateDir });
    endProcess();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function measureChecks(base: Foundation, what: string): Promise<Row> {
  const { config, queues, connections, releasers } = base;
  const redis = connections.swift;
  const now = () => Date.now();
  const dispatch = createQueueDispatch({ config, queues, nodes: () => readNodes(redis, now()), now });
  const context = checkContext({ ...base, dispatch }, readProcesses(config.stateDir));
  releasers.add("looks", () => context.close());
  const worker = startCheckWorker({ node: config.node, connection: connections.patient(), context });
  releasers.add("worker", () => worker.stop());
  const ids = [...config.targets.keys()];
  let looked = 0;
  let ok = 0;
  let onEnd: () => void = () => undefined;
  worker.worker.on("completed", (_job, result: CheckResult) => {
    ok += result.counts.ok;
    looked += result.counts.ok + result.counts.unknown;
    onEnd();
  });
  /** Looks at all once; true if all are well. */
  const tick = async (): Promise<boolean> => {
    [looked, ok] = [0, 0];
    const ended = new Promise<void>((resolve) => {
      onEnd = () => looked === ids.length && resolve();
    });
    await enqueueChecks(queues, config.node, { targets: ids, tick: now(), trigger: "cron" });
    await ended;
    return ok === ids.length;
  };
  // Until states are written, processes are old enough to be believed, and the code is warm.
  for (let well = 0; well < 3; ) well += (await tick()) ? 1 : 0;
  return measure(redis, what, async () => {
    await tick();
    return ids.length;
  });
}

async function measureNoops({ connections }: Foundation, what: string): Promise<Row> {
  const queue = new Queue("noop", {
    connection: connections.swift,
    prefix: "{bench}",
    skipMetasUpdate: true,
  });
  const worker = new Worker("noop", async () => undefined, {
    connection: connections.patient(),
    prefix: "{bench}",
    concurrency: 50,
    removeOnComplete: { count: 0 },
  });
  await worker.waitUntilReady();
  let done = 0;
  worker.on("completed", () => (done += 1));
  const round = async () => {
    const goal = done + noops / 10;
    const batch = Array.from({ length: 100 }, () => ({ name: "noop", data: {} }));
    for (let i = 0; i < noops / 10; i += 100) await queue.addBulk(batch);
    while (done < goal) await new Promise((resolve) => setImmediate(resolve));
    return noops / 10;
  };
  await round();
  const row = await measure(connections.swift, what, round);
  await worker.close();
  return row;
}

/** Does `round` again and again for some seconds; each says how much it did. */
async function measure(redis: Redis, what: string, round: () => Promise<number>): Promise<Row> {
  const before = await cpu(redis);
  const began = performance.now();
  let count = 0;
  while (performance.now() - began < seconds * 1_000) count += await round();
  const took = (performance.now() - began) / 1_000;
  const after = await cpu(redis);
  const each = (used: number) => (used * 1e6) / count;
  return {
    what,
    "per second": Math.round(count / took),
    "Node µs": each(after.node - before.node),
    "Redis µs": each(after.redis - before.redis),
    "CPU µs": each(after.node - before.node + after.redis - before.redis),
  };
}

console.log(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model}), ${seconds} s each`);
const rows: Row[] = [];
for (const kind of kinds) for (const size of sizes) rows.push(...(await checksPerSecond(kind, size)));
printTable(rows);
console.log(JSON.stringify({ seconds, rows }));
