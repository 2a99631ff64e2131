import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Identity } from "../../src/model/process.ts";
import { identityOf, isAlive } from "../../src/system/procfs.ts";
import { endOne } from "../../src/system/signals.ts";
import { run } from "../support/child.ts";
import { scratch } from "../support/scratch.ts";
import { stop } from "../support/sqlite.ts";
import { until } from "../support/wait.ts";

function identified(pid: number): Identity {
  const identity = identityOf(pid);
  if (identity === undefined) throw new Error("it is gone");
  return identity;
}

test("one process is ended, and not its group; one that ignores the signal by SIGKILL", async () => {
  const base = scratch();
  const script = "sleep 300 & echo $! > other; trap '' TERM; touch deaf; while :; do sleep 0.05; done";
  const deaf = identified(run(["sh", "-c", script], { cwd: base }).pid);
  await until(() => existsSync(join(base, "deaf")));
  const other = identified(Number(readFileSync(join(base, "other"), "utf8")));
  expect(await endOne(deaf, { signal: "SIGTERM", timeout: 100 })).toBe("SIGKILL");
  expect([isAlive(deaf) === "alive", isAlive(other)]).toEqual([false, "alive"]);
  process.kill(other.pid, "SIGKILL");
});

test("a stopped process ends by the signal, and one that is gone is not signalled", async () => {
  const child = run(["sleep", "300"]);
  const identity = identified(child.pid);
  await stop(child);
  expect(await endOne(identity, { signal: "SIGTERM", timeout: 5_000 })).toBe("SIGTERM");
  expect(await endOne(identity, { signal: "SIGTERM", timeout: 5_000 })).toBeNull();
});
