import { expect, test } from "vitest";
import type { Finding } from "../../src/model/finding.ts";
import { identityOf } from "../../src/system/procfs.ts";
import { targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { until } from "../support/wait.ts";

const names = ["pool", "pool@2", "pool@3"];
const pool = (instances: number, run = ["sleep", "600"]) =>
  targetOf("process", { run, instances, stableFor: "100ms" }, { id: "pool" });

const finding = (symptom: string, copies?: number[]): Finding => ({
  symptom,
  severity: "warning",
  fact: true,
  message: "",
  evidence: copies === undefined ? {} : { copies },
});

const pidsOf = ({ processes }: ReturnType<typeof remedyRig>) =>
  names.map((name) => processes.read(name).identity?.pid);

test("of dead copies only those are started that do not run", async () => {
  // The first was missing too when it was looked at, and has come back since.
  const rig = remedyRig({ finding: finding("process.dead", [1, 2]) });
  await rig.processes.start(pool(3));
  const before = pidsOf(rig);
  process.kill(before[1] ?? 0, "SIGKILL");
  await until(() => rig.processes.read("pool@2").exit !== undefined);
  expect((await rig.apply("restart", pool(3))).said).toEqual(["start sleep 600, copy 2"]);
  const after = pidsOf(rig);
  expect([after[0], after[2]]).toEqual([before[0], before[2]]);
  expect(identityOf(after[1] ?? 0)).toBeDefined();
});

test("a copy that hangs is restarted alone; a fault of all, one copy after the other", async () => {
  const hung = remedyRig({ finding: finding("process.hung", [3]) });
  await hung.processes.start(pool(3));
  const [, , third] = pidsOf(hung);
  expect((await hung.apply("restart", pool(3))).said).toEqual([
    `stop pool@3 (pid ${third}) with SIGTERM, SIGKILL after 10 s`,
    "start sleep 600, copy 3",
  ]);
  const rig = remedyRig({ finding: finding("process.unhealthy") });
  await rig.processes.start(pool(2));
  const [one, two] = pidsOf(rig);
  const plan = await rig.plan("restart", pool(2));
  expect((await rig.apply("restart", pool(2))).said).toEqual(plan);
  expect(plan.map((line) => line.split(" with ")[0])).toEqual([
    `stop pool (pid ${one})`,
    "start sleep 600, copy 1",
    `stop pool@2 (pid ${two})`,
    "start sleep 600, copy 2",
  ]);
});

test("a program that cannot start any more does not take the last copy down with it", async () => {
  const rig = remedyRig();
  await rig.processes.start(pool(2));
  const [, two] = pidsOf(rig);
  await expect(rig.apply("restart", pool(2, ["false"]))).rejects.toThrow("copy 1 of pool ended right after");
  expect(identityOf(two ?? 0)).toBeDefined();
  expect(rig.processes.read("pool@2").identity?.pid).toBe(two);
});

test("surplus copies are ended, and a duplicate that is not ours is refused", async () => {
  const rig = remedyRig({ finding: finding("process.duplicate") });
  await rig.processes.start(pool(3));
  const [one, two, three] = pidsOf(rig);
  expect((await rig.apply("restart", pool(1))).said).toEqual([
    `stop pool@2 (pid ${two}), pool@3 (pid ${three}): more than the 1 wanted`,
  ]);
  expect(pidsOf(rig)).toEqual([one, undefined, undefined]);
  await expect(rig.apply("restart", pool(1))).rejects.toThrow("started by somebody else");
});
