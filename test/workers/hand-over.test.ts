import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Observation } from "../../src/model/observation.ts";
import { acquireSupervisorLock } from "../../src/system/lock.ts";
import { createHandOver } from "../../workers/hand-over.ts";
import { listenOnLock } from "../../workers/lock-requests.ts";
import { scratch } from "../support/scratch.ts";

/** What a look at a worker that died is, with every field there is. */
const dead = (target: string, evidence: string = "killed by SIGKILL"): Observation => ({
  target,
  kind: "process",
  at: 1_000,
  durationMs: 1.5,
  status: "critical",
  message: "dead: killed by SIGKILL",
  findings: [
    {
      symptom: "process.dead",
      severity: "critical",
      fact: true,
      message: "dead: killed by SIGKILL",
      evidence: { said: evidence, "exit code": null },
    },
  ],
  metrics: { rss: 0 },
  state: "crashed",
  pid: 7,
  verified: false,
  verifyWithin: 100,
});

/** A supervisor that records what it is handed, on the real socket, and a process beside it. */
async function pair(record: (seen: readonly Observation[]) => Promise<void>) {
  const stateDir = scratch();
  const beside = createHandOver({ stateDir, node: "n" });
  onTestFinished(() => beside.close());
  const start = async () => {
    const info = { pid: process.pid, node: "n", since: 0 };
    const onRequest = listenOnLock({ down: () => Promise.reject(new Error("not asked")), looked: record });
    const lock = await acquireSupervisorLock(join(stateDir, "healq.sock"), info, { onRequest });
    onTestFinished(() => lock.release());
    return lock;
  };
  return { beside, start };
}

test("what is seen beside the supervisor arrives there whole, and counts once it is recorded", async () => {
  const seen: Observation[] = [];
  let recorded = false;
  const { beside, start } = await pair(async (observations) => {
    await new Promise((resolve) => setImmediate(resolve));
    seen.push(...observations);
    recorded = true;
  });
  await start();
  const plain: Observation = { ...dead("b"), status: "ok", findings: [] };
  await beside.record([dead("a"), plain]);
  expect(recorded).toBe(true);
  expect(seen).toEqual([dead("a"), plain]);
});

test("a batch that is too large for one line comes in several, and evidence that is too large alone is left out", async () => {
  const batches: (readonly Observation[])[] = [];
  const { beside, start } = await pair(async (observations) => void batches.push(observations));
  await start();
  const long = "x".repeat(200_000);
  await beside.record([dead("a", long), dead("b", long), dead("c", long), dead("d", "y".repeat(2_000_000))]);
  const all = batches.flat();
  expect(batches.length).toBeGreaterThan(2);
  expect(all.map(({ target }) => target).sort()).toEqual(["a", "b", "c", "d"]);
  expect(all.find(({ target }) => target === "c")).toEqual(dead("c", long));
  expect(all.find(({ target }) => target === "d")?.findings[0]).toMatchObject({ fact: true, evidence: {} });
});

test("a look that could not be recorded fails with the reason, and the next one finds the next supervisor", async () => {
  let fate = async () => {};
  const { beside, start } = await pair(() => fate());
  await expect(beside.record([dead("a")])).rejects.toThrow(
    "no supervisor of n runs here: what was seen is not recorded",
  );
  const first = await start();
  fate = () => Promise.reject(new Error("healq is starting or stopping"));
  await expect(beside.record([dead("a")])).rejects.toThrow("healq is starting or stopping");
  let asked = () => {};
  const isAsked = new Promise<void>((resolve) => {
    asked = resolve;
  });
  fate = () => {
    asked();
    return new Promise(() => undefined);
  };
  const lost = expect(beside.record([dead("a")])).rejects.toThrow("the supervisor has ended");
  await isAsked;
  await first.release();
  await lost;
  await start();
  fate = async () => {};
  await beside.record([dead("a")]);
});
