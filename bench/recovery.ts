import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { printTable, quantiles } from "./table.ts";

// How long it takes from SIGKILL of a worker until the pid of the new one is written, with healq (the built command), and
// with the least that can be done: a parent that spawns the same worker again when it hears of its exit.

const trials = Number(process.env.BENCH_TRIALS ?? 25);
const worker = ["sleep", "100000"] as const;
const program = fileURLToPath(new URL("../dist/bin/healq.js", import.meta.url));

function read(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

/** Looks as often as the event loop allows; gives the milliseconds it took. */
async function until(condition: () => boolean, within = 60_000): Promise<number> {
  const began = performance.now();
  while (!condition()) {
    if (performance.now() - began > within) throw new Error(`not within ${within} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return performance.now() - began;
}

/** Kills the process whose pid is in the file again and again; gives the times until another one is there. */
async function measure(pidFile: string, settled: () => boolean): Promise<number[]> {
  const times: number[] = [];
  for (let n = 0; n < trials; n += 1) {
    await until(settled);
    const before = read(pidFile);
    process.kill(Number(before), "SIGKILL");
    times.push(await until(() => !["", before].includes(read(pidFile))));
  }
  return times;
}

async function withHealq(folder: string): Promise<number[]> {
  const state = join(folder, "state");
  const config = join(folder, "healq.yaml");
  const targets = { worker: { kind: "process", run: worker, stableFor: "50ms" } };
  const defaults = { every: "1s", probation: "1s", budget: { max: 1_000, per: "1m" } };
  writeFileSync(config, JSON.stringify({ node: "bench", stateDir: "state", defaults, targets }));
  const roles = ["--only", "scheduler,check,heal,alert"];
  const healq = spawn(process.execPath, [program, "up", "-c", config, ...roles], { stdio: "ignore" });
  const pidFile = join(state, "pids", "worker.pid");
  const settled = () => {
    const { pid, status, phase } = JSON.parse(read(join(state, "status.json")) || "{}").worker ?? {};
    return status === "ok" && phase === "watching" && pid === Number(read(pidFile));
  };
  try {
    return await measure(pidFile, settled);
  } finally {
    const down = spawn(process.execPath, [program, "down", "--workers", "-c", config], { stdio: "ignore" });
    await new Promise((resolve) => down.once("exit", resolve));
    healq.kill("SIGKILL");
  }
}

async function withoutHealq(folder: string): Promise<number[]> {
  const pidFile = join(folder, "floor.pid");
  let child: ChildProcess;
  let ended = false;
  const start = () => {
    if (ended) return;
    child = spawn(worker[0], worker.slice(1), { detached: true, stdio: "ignore" });
    writeFileSync(pidFile, `${child.pid}\n`);
    child.once("exit", start);
  };
  start();
  const times = await measure(pidFile, () => true);
  ended = true;
  process.kill(Number(read(pidFile)), "SIGKILL");
  return times;
}

const folder = mkdtempSync(join(tmpdir(), "hqb-"));
try {
  console.log(`Node ${process.version}, ${cpus().length} CPUs (${cpus()[0]?.model}), ${trials} trials each`);
  const floor = quantiles(await withoutHealq(folder));
  const healq = quantiles(await withHealq(folder));
  printTable([
    { "SIGKILL to new pid, ms": "healq", ...healq },
    { "SIGKILL to new pid, ms": "floor", ...floor },
  ]);
  console.log(JSON.stringify({ trials, healq, floor }));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
