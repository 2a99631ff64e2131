import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Target } from "../../src/model/target.ts";
import { identityOf, isAlive, listProcesses, readStat } from "../../src/system/procfs.ts";
import { endGroup } from "../../src/system/signals.ts";
import { run } from "../support/child.ts";
import { frozenDisk } from "../support/frozen-disk.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const isStuck = (pid: number) =>
  until(() => readStat(pid)?.state === "D", { what: "it waits in the kernel" });

/** Its write waits until the disk is thawed. */
const writer = (folder: string) => ["dd", "if=/dev/zero", `of=${folder}/file`, "bs=1k", "count=1"] as const;

test("what waits in the kernel is told, and a stop of it says so and fails instead of waiting for ever", async ({
  skip,
}) => {
  const disk = frozenDisk() ?? skip();
  const { pid } = run([...writer(disk.folder)]);
  await isStuck(pid);
  const base = scratch();
  writeFileSync(join(base, "it.pid"), String(pid));
  const look = await makeEye()(
    targetOf("process", { pidFile: "it.pid", startGrace: "0s", stableFor: "0s" }, { base }),
  );
  expect(look).toMatchObject({ status: "ok", message: "running, waiting in the kernel (state D)" });

  const identity = identityOf(pid);
  if (identity === undefined) throw new Error("it is gone");
  const began = performance.now();
  await expect(endGroup(identity, { signal: "SIGTERM", timeout: 100 })).rejects.toThrow(
    `pid ${pid} (state D) did not end within 2000 ms of SIGKILL: state D waits for a device`,
  );
  expect(performance.now() - began).toBeLessThan(15_000);
  disk.thaw();
  // The signal was only waiting.
  await until(() => isAlive(identity) !== "alive");
}, 15_000);

test("a restart of it fails, starts no second copy, and works once the kernel lets it go", async ({
  skip,
}) => {
  const disk = frozenDisk() ?? skip();
  const rig = remedyRig();
  const script = `[ -e ${disk.folder}/file ] || ${writer(disk.folder).join(" ")}; exec sleep 300`;
  const fields = { run: ["sh", "-c", script], stop: { timeout: "100ms" } };
  const target: Target = targetOf("process", fields, { id: "worker" });
  const { pid } = await rig.processes.start(target);
  const child = await until(() => {
    const found = readStat(pid) === undefined ? undefined : childOf(pid);
    return found !== undefined && readStat(found)?.state === "D" ? found : undefined;
  });
  await expect(rig.apply("restart", target)).rejects.toThrow(`pid ${child} (state D) did not end`);
  disk.thaw();
  await until(() => readStat(child) === undefined || readStat(child)?.state === "Z");
  await rig.apply("restart", target);
  expect(rig.processes.read("worker").identity?.pid).not.toBe(pid);
}, 15_000);

/** The only child of a process. */
function childOf(pid: number): number | undefined {
  return listProcesses().find(({ stat }) => stat.ppid === pid)?.pid;
}
