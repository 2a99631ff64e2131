import { readdirSync } from "node:fs";
import { setFlagsFromString } from "node:v8";
import { settle } from "./cost.ts";
import { type Laid, tick, warmUp } from "./lay.ts";

/** What many checks leave behind. */
export interface Leak {
  readonly checks: number;
  /** Growth of the heap, in MB, after collection. */
  readonly heapMb: number;
  /** Growth of the number of open files. */
  readonly files: number;
  /** Growth of the number of timers, sockets and the like that keep the process alive. */
  readonly handles: number;
}

interface Held {
  readonly heap: number;
  readonly files: number;
  readonly handles: number;
}

async function held(): Promise<Held> {
  await settle();
  return {
    heap: process.memoryUsage().heapUsed / 1e6,
    files: readdirSync("/proc/self/fd").length,
    handles: process.getActiveResourcesInfo().length,
  };
}

/** Does so many checks, and tells what is more afterwards than before. */
export async function leakOf(laid: Laid, checks: number): Promise<Leak> {
  setFlagsFromString("--expose-gc");
  const { runInNewContext } = await import("node:vm");
  globalThis.gc ??= runInNewContext("gc");
  await warmUp(laid);
  const before = await held();
  let done = 0;
  for (; done < checks; done += laid.targets.length) await tick(laid);
  const after = await held();
  return {
    checks: done,
    heapMb: after.heap - before.heap,
    files: after.files - before.files,
    handles: after.handles - before.handles,
  };
}
