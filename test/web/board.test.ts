import { expect, test } from "vitest";
import { announceTargets } from "../../src/store/nodes.ts";
import { jobName } from "../../src/web/job-name.ts";
import { until } from "../support/wait.ts";
import { ask } from "./ask.ts";
import { asOperator, asViewer, type Rig, startRig } from "./rig.ts";

const call = (
  rig: Rig,
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = asOperator,
) =>
  ask(`${rig.url}/queues/api/queues/${path}`, { method, headers, ...(body === undefined ? {} : { body }) });

const record = async (rig: Rig) => (await ask(`${rig.url}/api/audit`, { headers: asViewer })).json;

test("job names read as what was done, and a foreign job keeps its name", () => {
  const heal = { name: "heal:run", data: { target: "weights" } };
  expect(jobName(heal)).toBe("heal ▸ weights");
  expect(jobName({ ...heal, data: { target: "weights", dryRun: true } })).toBe("plan ▸ weights");
  expect(jobName({ ...heal, returnvalue: { target: "weights", remedy: "create" } })).toBe("create ▸ weights");
  expect(jobName({ ...heal, returnvalue: { target: "weights", remedy: null } })).toBe("heal ▸ weights");
  expect(jobName({ name: "target:wish", data: { target: "a", wish: "stop" } })).toBe("stop ▸ a");
  expect(jobName({ name: "check:run", data: { targets: ["a", "b"], trigger: "cron" } })).toBe(
    "look ▸ 2 targets",
  );
  expect(jobName({ name: "heal:run", data: { rm: "-rf" } })).toBe("heal:run");
  expect(jobName({ name: "__proto__", data: null })).toBe("__proto__");
});

test("a heal:run added in Bull Board on the queue heal runs, in the name of who is signed in", async () => {
  const rig = await startRig();
  const added = await call(rig, "POST", "heal/add", {
    name: "heal:run",
    data: { target: "predictive_engine", reason: "slow", requestedBy: "somebody else" },
    options: {},
  });
  expect(added.status).toBe(200);
  expect(added.json).toMatchObject({ job: { data: { target: "predictive_engine", requestedBy: "ann" } } });
  const completed = async () => (await rig.queues.openHeal.getJobs(["completed"]))[0];
  const job = await until(completed, { what: "the job ran" });
  expect(job.returnvalue).toMatchObject({ outcome: "healed" });
  expect(await record(rig)).toMatchObject([
    {
      event: "queue.changed",
      action: "add job",
      target: "predictive_engine",
      by: "ann",
      details: { queue: "heal" },
    },
  ]);
});

test("anything else than heal:run with a declared target is refused when it is added, and nothing is queued", async () => {
  const rig = await startRig();
  await rig.queues.openHeal.pause();
  const wrong: [string, unknown, RegExp][] = [
    ["heal", { name: "heal:run", data: { target: "predictve_engine" } }, /did you mean predictive_engine/],
    ["heal", { name: "heal:run", data: { target: "weights", run: ["rm"] } }, /run/],
    ["heal", { name: "heal:run", data: { target: "weights", force: true } }, /force/],
    ["heal", { name: "heal:run", data: "weights" }, /data/],
    ["heal", { name: "check:run", data: { target: "weights" } }, /heal:run/],
    [
      "heal",
      { name: "heal:run", data: { target: "weights" }, options: { repeat: { every: 1 } } },
      /delay, priority and lifo/,
    ],
    [
      "heal",
      { name: "heal:run", data: { target: "weights" }, options: { jobId: "1" } },
      /delay, priority and lifo/,
    ],
    ["heal.trading-1", { name: "heal:run", data: { target: "weights" } }, /on the queue heal/],
    [
      "check.trading-1",
      { name: "check:run", data: { targets: ["weights"], trigger: "manual" } },
      /on the queue heal/,
    ],
  ];
  for (const [queue, body, message] of wrong) {
    const answer = await call(rig, "POST", `${queue}/add`, body);
    expect([body, answer.status]).toEqual([body, 400]);
    expect(answer.json).toMatchObject({ message: expect.stringMatching(message) });
  }
  expect(await rig.queues.openHeal.getJobCountByTypes("waiting", "delayed", "active", "completed")).toBe(0);
  expect(await record(rig)).toEqual([]);
});

test("every action of an operator in Bull Board is recorded with who did it", async () => {
  const rig = await startRig();
  const job = await rig.queues.openHeal.add("heal:run", { target: "weights" }, { delay: 60_000 });
  expect((await call(rig, "PUT", "heal/pause")).status).toBe(200);
  expect((await call(rig, "PUT", "heal/resume")).status).toBe(200);
  expect((await call(rig, "PUT", `heal/${job.id}/promote`)).status).toBeLessThan(300);
  await until(() => job.isCompleted(), { what: "the promoted job ran" });
  expect((await call(rig, "PUT", `heal/${job.id}/retry`)).status).toBeLessThan(300);
  await until(async () => (await rig.queues.openHeal.getCompletedCount()) === 1, { what: "it ran again" });
  expect((await call(rig, "PUT", "heal/clean/completed")).status).toBeLessThan(300);
  expect((await call(rig, "PUT", "heal/no-such-job/retry")).status).toBe(404);
  const done = ["pause queue", "resume queue", "promote job", "retry job", "clean jobs"];
  expect(await record(rig)).toMatchObject(
    done.map((action) => ({ event: "queue.changed", action, by: "ann" })),
  );
});

test("the record cannot be rewritten and running heals cannot be torn away, not even by an operator", async () => {
  const rig = await startRig();
  const job = await rig.queues.openHeal.add("heal:run", { target: "weights" }, { delay: 60_000 });
  const rewrite = await call(rig, "PATCH", `heal/${job.id}/update-data`, { jobData: { target: "exchange" } });
  expect([rewrite.status, rewrite.json]).toMatchObject([
    403,
    { message: expect.stringMatching(/add another job/) },
  ]);
  expect((await call(rig, "PUT", "heal/obliterate", { force: true })).status).toBe(403);
  expect((await call(rig, "PUT", "heal/job-schedulers/x/run")).status).toBe(403);
  expect((await rig.queues.openHeal.getJob(job.id ?? ""))?.data).toEqual({ target: "weights" });
});

test("queues of a node that joins later are shown, in their place, and a name that no node can have is not", async () => {
  const rig = await startRig();
  const shown = async (names: readonly string[], headers: Record<string, string>) => {
    const { json } = await ask(`${rig.url}/queues/api/queues`, { headers });
    expect(json).toMatchObject({ queues: names.map((name) => ({ name })) });
  };
  const own = ["heal.trading-1", "check.trading-1", "heal", "alert"];
  await shown(own, asViewer);
  const redis = rig.redis.connect();
  await announceTargets(redis, "trading-2", []);
  await announceTargets(redis, "../trading", []);
  await announceTargets(redis, "any", []);
  const all = ["trading-1", "any", "trading-2"].flatMap((node) => [`heal.${node}`, `check.${node}`]);
  await shown([...all, "heal", "alert"], asViewer);
  await shown([...all, "heal", "alert"], asOperator);
  expect((await call(rig, "PUT", "heal.trading-2/pause")).status).toBe(200);
  expect(await rig.queues.heal("trading-2").isPaused()).toBe(true);
});

test("a viewer sees queues, jobs and logs, and every change is refused by the server", async () => {
  const rig = await startRig();
  const job = await rig.queues.openHeal.add("heal:run", { target: "predictive_engine" });
  await until(() => job.isCompleted(), { what: "the job ran" });
  const seen = await call(rig, "GET", `heal/${job.id}`, undefined, asViewer);
  expect(seen.json).toMatchObject({ job: { name: "restart ▸ predictive_engine" } });
  expect((await call(rig, "GET", `heal/${job.id}/logs`, undefined, asViewer)).json).toHaveLength(3);
  const list = await ask(`${rig.url}/queues/api/queues?activeQueue=heal`, { headers: asViewer });
  expect(list.json).toMatchObject({
    queues: [
      { name: "heal.trading-1", readOnlyMode: true, delimiter: "." },
      { name: "check.trading-1", readOnlyMode: true, delimiter: "." },
      { name: "heal", readOnlyMode: true, delimiter: "" },
      { name: "alert", readOnlyMode: true, delimiter: "" },
    ],
  });
  const changes: [string, string, unknown?][] = [
    ["POST", "heal/add", { name: "heal:run", data: { target: "weights" } }],
    ["PUT", "heal/pause"],
    ["PUT", "pause"],
    ["PUT", "HEAL/pause"],
    ["PUT", "heal/pause/"],
    ["PUT", `heal/${job.id}/retry`],
    ["PUT", `heal/${job.id}/clean`],
    ["PUT", "heal/retry/completed"],
    ["PUT", "heal/empty"],
    ["PUT", "heal/concurrency", { concurrency: 1 }],
  ];
  for (const [method, path, body] of changes) {
    expect([path, (await call(rig, method, path, body, asViewer)).status]).toEqual([path, 403]);
  }
  expect(await rig.queues.openHeal.isPaused()).toBe(false);
  expect(await record(rig)).toEqual([]);
});

test("Bull Board's page is served under a policy that lets only our own scripts run", async () => {
  const rig = await startRig();
  const page = await ask(`${rig.url}/queues`, { headers: asOperator });
  expect(page.status).toBe(200);
  const policy = String(page.headers["content-security-policy"]);
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain("upgrade-insecure-requests");
  const own = await ask(`${rig.url}/`, { headers: asOperator });
  expect(String(own.headers["content-security-policy"])).not.toContain("unsafe-inline");
  expect(own.text).not.toMatch(/<script>|<style|style="/);
  expect(own.headers["x-powered-by"]).toBeUndefined();
});
