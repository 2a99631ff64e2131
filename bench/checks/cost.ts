import { monitorEventLoopDelay } from "node:perf_hooks";
import { quantile } from "../support/statistics.ts";
import { pause } from "../support/wait.ts";
import { type Laid, tick, warmUp } from "./lay.ts";

/** What looking costs. */
export interface Cost {
  /** Of one check, in microseconds of CPU of this process. */
  readonly cpuUs: number;
  /** Of one tick of all targets, in milliseconds, in the median. */
  readonly tickMs: number;
  /** The longest time that the event loop was held, in milliseconds. */
  readonly heldMs: number;
}

const micros = (usage: NodeJS.CpuUsage) => usage.user + usage.system;

/** Looks at all targets again and again for some seconds, after they are all well and the code is warm. */
export async function costOf(laid: Laid, seconds: number): Promise<Cost> {
  await warmUp(laid);
  const loop = monitorEventLoopDelay({ resolution: 1 });
  const ticks: number[] = [];
  const began = performance.now();
  const before = process.cpuUsage();
  loop.enable();
  while (performance.now() - began < seconds * 1_000) {
    const from = performance.now();
    await tick(laid);
    ticks.push(performance.now() - from);
    await new Promise((resolve) => setImmediate(resolve));
  }
  loop.disable();
  const used = micros(process.cpuUsage(before));
  return {
    cpuUs: used / (ticks.length * laid.targets.length),
    tickMs: quantile(ticks, 0.5),
    heldMs: loop.max / 1e6,
  };
}

/** CPU time of one bare call, in microseconds; those that are asked over the network a hundred at once. */
export async function bareCost(call: () => unknown, seconds: number): Promise<number> {
  for (let n = 0; n < 20; n += 1) await call();
  const began = performance.now();
  const before = process.cpuUsage();
  let calls = 0;
  while (performance.now() - began < seconds * 1_000) {
    const some = Array.from({ length: 100 }, call);
    await Promise.all(some);
    calls += some.length;
  }
  return micros(process.cpuUsage(before)) / calls;
}

/** Lets what is left over be collected. */
export async function settle(): Promise<void> {
  for (let n = 0; n < 3; n += 1) {
    globalThis.gc?.();
    await pause(50);
  }
}
