import { expect, test } from "vitest";
import { ask } from "./ask.ts";
import { asOperator, asViewer, node, put, startRig, state } from "./rig.ts";

const post = (url: string, body?: unknown) =>
  ask(url, { method: "POST", headers: asOperator, body: body ?? {} });

test("/healthz needs no login and says 503 when healq itself is not well", async () => {
  const rig = await startRig();
  const well = await ask(`${rig.url}/healthz`);
  expect([well.status, well.json]).toEqual([
    200,
    { status: "ok", redis: "ok", scheduler: "ticking", pausedQueues: [] },
  ]);
  rig.health = { status: "critical", redis: "ok", scheduler: "ticking", pausedQueues: ["heal"] };
  const ill = await ask(`${rig.url}/healthz`);
  expect([ill.status, ill.json]).toEqual([503, rig.health]);
});

test("status, one target, incidents and audit are as the CLI's --json", async () => {
  const rig = await startRig();
  await rig.keepLook("predictive_engine");
  const at = Date.now();
  const incident = {
    id: "i1",
    target: "weights",
    node,
    symptom: "file.stale",
    severity: "critical" as const,
    reason: "25h old",
    state: "open" as const,
    openedAt: at,
  };
  const notes = [
    {
      at,
      event: "incident.opened" as const,
      target: "weights",
      symptom: "file.stale",
      incident: "i1",
      reason: "25h old",
    },
  ];
  await put(rig, "weights", () => ({
    state: state({ status: "critical", phase: "healing" }),
    notes,
    incident,
  }));
  const get = async (path: string) => (await ask(rig.url + path, { headers: asViewer })).json;
  const status = await get("/api/status");
  expect(status).toMatchObject({ node, source: "redis", paused: false });
  expect(status).toHaveProperty("targets.length", 4);
  expect(await get("/api/targets/predictive_engine")).toMatchObject({
    id: "predictive_engine",
    status: "ok",
    state: "running",
    pid: 4_242,
  });
  expect(await get("/api/incidents?open=1")).toMatchObject({
    node,
    incidents: [{ id: "i1", target: "weights", state: "open", resolvedAt: null }],
  });
  const entry = { event: "incident.opened", target: "weights", node, at: new Date(at).toISOString() };
  expect(await get("/api/audit?since=1h&target=weights&limit=5")).toMatchObject([entry]);
  expect(await get("/api/audit?target=exchange")).toEqual([]);
  const lines = await ask(`${rig.url}/api/audit`, {
    headers: { ...asViewer, accept: "application/x-ndjson" },
  });
  expect(JSON.parse(lines.text.trim())).toMatchObject(entry);
});

test("a heal is asked for at once by default, and waited for when asked to", async () => {
  const { url } = await startRig();
  const asked = await post(`${url}/api/heal/weights`);
  expect(asked.status).toBe(202);
  expect(asked.json).toEqual({ job: expect.stringMatching(/^heal\.weights\./) });
  const waited = await post(`${url}/api/heal/predictive_engine`, { wait: true, force: true, reason: "slow" });
  expect(waited.status).toBe(200);
  expect(waited.json).toMatchObject({
    target: "predictive_engine",
    outcome: "healed",
    remedy: "restart",
    recoveredMs: 312,
  });
  const plan = await post(`${url}/api/heal/predictive_engine`, { wait: true, dryRun: true });
  expect(plan.json).toMatchObject({ outcome: "dry-run" });
});

test("a heal that fails is an answer with its reason, not an error", async () => {
  const seen: unknown[] = [];
  const { url } = await startRig({
    work: async (job) => {
      seen.push(job.data.requestedBy);
      throw new Error("not verified within 30s");
    },
  });
  const answer = await post(`${url}/api/heal/predictive_engine`, { wait: true, dryRun: true });
  expect(answer.status).toBe(200);
  expect(answer.json).toMatchObject({
    outcome: "failed",
    reason: "not verified within 30s",
    target: "predictive_engine",
  });
  expect(seen).toEqual(["ann"]);
});

test("a check looks now and answers with what it saw", async () => {
  const { url } = await startRig();
  const answer = await post(`${url}/api/check/predictive_engine`);
  expect(answer.json).toMatchObject({
    id: "predictive_engine",
    status: "ok",
    message: "running, answered in 4 ms",
  });
});

test("a wish is answered when it is fulfilled, and pauses are on until resumed", async () => {
  const { url } = await startRig({
    work: async (job) => `${job.data.wish} done for ${job.data.requestedBy}`,
  });
  const wish = await post(`${url}/api/wish/predictive_engine`, { wish: "stop" });
  expect(wish.json).toEqual({ target: "predictive_engine", wish: "stop", result: "stop done for ann" });
  const paused = async () => (await ask(`${url}/api/status`, { headers: asViewer })).json;
  expect((await post(`${url}/api/pause`, { for: "1h", reason: "release" })).json).toMatchObject({
    paused: "everything",
    reason: "release",
  });
  expect(await paused()).toMatchObject({ paused: true });
  expect((await post(`${url}/api/resume`)).json).toEqual({ resumed: "everything" });
  expect(await paused()).toMatchObject({ paused: false });
  expect((await post(`${url}/api/pause`, { targets: ["weights"] })).json).toMatchObject({
    paused: ["weights"],
    until: null,
  });
  const record = await ask(`${url}/api/audit`, { headers: asViewer });
  expect(record.json).toMatchObject([
    { event: "paused", by: "ann" },
    { event: "resumed" },
    { event: "paused", target: "weights" },
  ]);
});

test("an empty list of targets is refused: it must never mean everything", async () => {
  const { url } = await startRig();
  for (const path of ["pause", "resume"]) {
    const answer = await post(`${url}/api/${path}`, { targets: [] });
    expect(answer.status).toBe(400);
    expect(answer.json).toMatchObject({ error: { message: expect.stringMatching(/at least one target/) } });
  }
});

test("an unknown target is 404 with the one that was probably meant", async () => {
  const { url } = await startRig();
  for (const path of ["heal/predictve_engine", "check/predictve_engine", "wish/predictve_engine"]) {
    const body = path.startsWith("wish") ? { wish: "start" } : {};
    const answer = await post(`${url}/api/${path}`, body);
    expect(answer.status).toBe(404);
    expect(answer.json).toMatchObject({
      error: { code: "unknown-target", message: expect.stringMatching(/did you mean predictive_engine\?/) },
    });
  }
  expect((await ask(`${url}/api/targets/__proto__`, { headers: asViewer })).status).toBe(404);
  expect((await ask(`${url}/api/audit?target=x`, { headers: asViewer })).status).toBe(404);
});

test("wrong bodies and queries are 400 and say which field is wrong", async () => {
  const { url } = await startRig();
  const wrong: [string, unknown, RegExp][] = [
    ["heal/weights", { dryrun: true }, /dryrun/],
    ["heal/weights", { force: "yes" }, /force/],
    ["heal/weights", [], /object/],
    ["wish/weights", { wish: "explode" }, /start, stop or restart/],
    ["wish/weights", {}, /wish/],
    ["pause", { for: "soon" }, /500ms, 10s/],
    ["check/weights", { targets: ["x"] }, /targets/],
  ];
  for (const [path, body, message] of wrong) {
    const answer = await post(`${url}/api/${path}`, body);
    expect([path, answer.status]).toEqual([path, 400]);
    expect(answer.json).toMatchObject({ error: { message: expect.stringMatching(message) } });
  }
  for (const query of [
    "audit?limit=0",
    "audit?limit=x",
    "audit?since=soon",
    "audit?sinse=1h",
    "incidents?open=yes",
  ]) {
    expect([query, (await ask(`${url}/api/${query}`, { headers: asViewer })).status]).toEqual([query, 400]);
  }
});

test("garbage, huge and harmful bodies are refused with a clear message and no stack", async () => {
  const { url } = await startRig();
  const raw = async (text: string, type = "application/json") =>
    ask(`${url}/api/heal/weights`, {
      method: "POST",
      headers: { ...asOperator, "content-type": type },
      raw: text,
    });
  expect(await raw("{not json")).toMatchObject({ status: 400 });
  expect(await raw('"text"')).toMatchObject({ status: 400 });
  expect(await raw(JSON.stringify({ reason: "x".repeat(70_000) }))).toMatchObject({ status: 413 });
  expect(await raw('{"__proto__": {"force": true}}')).toMatchObject({ status: 400 });
  expect(await raw('{"a": {"constructor": {"prototype": {}}}}')).toMatchObject({ status: 400 });
  expect(await raw("force=true", "application/x-www-form-urlencoded")).toMatchObject({ status: 415 });
  expect(await raw('{"force":true}', "text/plain")).toMatchObject({ status: 415 });
  for (const path of ["/api/targets/%E0%A4%A", "/queues/queue/%"])
    expect((await ask(url + path, { headers: asOperator })).status).toBe(400);
  const all = [await raw("{not json"), await ask(`${url}/api/targets/%E0%A4%A`, { headers: asOperator })];
  for (const answer of all) {
    expect(answer.json).toHaveProperty("error.message");
    expect(answer.text).not.toMatch(/node_modules|\.ts:|:\d+:\d+/);
  }
});

test("unknown paths are 404: JSON under /api and for programs, a page for people", async () => {
  const { url } = await startRig();
  for (const path of ["/api/nothing", "/metrics", "/health/prevention"]) {
    const answer = await ask(url + path, { headers: asOperator });
    expect([path, answer.status]).toEqual([path, 404]);
    expect(answer.json).toMatchObject({ error: { code: "not-found" } });
  }
  const page = await ask(`${url}/nowhere/%3Cscript%3E`, { headers: { ...asOperator, accept: "text/html" } });
  expect(page.status).toBe(404);
  expect(page.text).not.toContain("<script>");
});

test("while Redis is away the API says so within seconds, and the page stays up", async () => {
  const rig = await startRig();
  await rig.stopWorkers();
  process.kill(rig.redis.pid, "SIGKILL");
  const api = await ask(`${rig.url}/api/status`, { headers: asOperator });
  expect(api.status).toBe(503);
  expect(api.json).toMatchObject({ error: { code: "unreachable" } });
  expect((await ask(`${rig.url}/`, { headers: asOperator })).text).toContain("No word from Redis");
  expect((await ask(`${rig.url}/queues/api/queues`, { headers: asOperator })).status).toBe(503);
});
