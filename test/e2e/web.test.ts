import { Queue } from "bullmq";
import { expect, onTestFinished, test } from "vitest";
import { connectFast } from "../../src/redis/connection.ts";
import { privateSocket } from "../../src/redis/private.ts";
import { makeNode } from "../support/node.ts";
import { untilShown } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { startWebNode } from "../support/web-node.ts";
import { serve } from "../support/web-server.ts";
import { ask } from "../web/ask.ts";

const sleeper = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };
const tokens = [{ name: "vic", token: "viewer-token-of-vic", role: "viewer" }];

test("the API of a running node gives the JSON of the command line, and acts under the same rules", async () => {
  const { node, url, token } = await startWebNode({
    defaults: { every: "1s", probation: "1s" },
    targets: { worker: sleeper, flag: { kind: "file", path: "flag", heal: [] } },
  });
  await untilShown(node, ["worker"]);
  const headers = { authorization: `Bearer ${token}` };
  const get = async (path: string) => (await ask(`${url}${path}`, { headers })).json;
  const post = (path: string, body: object) => ask(`${url}${path}`, { method: "POST", headers, body });
  /** Without what changes from one look to the next. */
  const lasting = (value: unknown): unknown =>
    JSON.parse(
      JSON.stringify(value, (key, each) =>
        ["at", "lastCheck", "metrics", "message"].includes(key) ? undefined : each,
      ),
    );
  const said = async (...args: string[]) => JSON.parse((await node.healq(...args, "--json")).stdout);
  expect(lasting(await get("/api/status"))).toEqual(lasting(await said("status")));
  expect(Object.keys((await get("/api/targets/worker")) as object)).toEqual(
    Object.keys(await node.status("worker")),
  );
  expect(await get("/api/incidents?open=1")).toEqual(await said("incidents", "--open"));

  const plan = await post("/api/heal/worker", { dryRun: true, force: true, wait: true });
  expect(plan).toMatchObject({
    status: 200,
    json: { outcome: "dry-run", target: "worker", applications: 0 },
  });
  const healed = await post("/api/heal/worker", { force: true, reason: "slow", wait: true });
  expect(healed.json).toMatchObject({ outcome: "healed", remedy: "restart", applications: 1 });
  expect(Object.keys(healed.json as object).sort()).toEqual(Object.keys(await said("heal", "worker")).sort());
  expect(await post("/api/check/worker", {})).toMatchObject({
    status: 200,
    json: { id: "worker", status: "ok" },
  });
  expect(await post("/api/wish/worker", { wish: "stop" })).toMatchObject({ status: 200 });
  await untilShown(node, ["worker"], { phase: "stopped" });
  expect(await get("/api/targets/worker")).toMatchObject({ state: "stopped", phase: "stopped" });
  expect(await post("/api/wish/worker", { wish: "start" })).toMatchObject({ status: 200 });
  expect(await post("/api/pause", { targets: ["worker"], for: "1h" })).toMatchObject({ status: 200 });
  expect((await post("/api/heal/worker", { force: true, wait: true })).json).toMatchObject({
    outcome: "skipped",
  });
  expect(await post("/api/resume", { targets: ["worker"] })).toMatchObject({ status: 200 });

  const audit = (await get("/api/audit?target=worker&limit=1000")) as { event: string; by: string | null }[];
  expect(audit).toEqual(await node.audit("worker"));
  const asked = audit.filter(({ by }) => by === "operator").map(({ event }) => event);
  expect(asked).toEqual(
    expect.arrayContaining([
      "heal.requested",
      "heal.succeeded",
      "target.stopped",
      "target.started",
      "paused",
      "resumed",
    ]),
  );
});

test("who may not is refused: no login, a viewer, a foreign page, an unknown target; and nothing is done", async () => {
  const { node, url, token, link } = await startWebNode(
    { defaults: { every: "1s" }, targets: { worker: sleeper } },
    { web: { tokens } },
  );
  await untilShown(node, ["worker"]);
  const pid = node.pid("worker");
  const post = (path: string, headers: Record<string, string>) =>
    ask(`${url}${path}`, { method: "POST", headers, body: {} });
  const operator = { authorization: `Bearer ${token}` };
  const viewer = { authorization: "Bearer viewer-token-of-vic" };

  for (const path of ["/api/status", "/api/audit", "/api/events", "/queues/api/queues"])
    expect([path, (await ask(`${url}${path}`)).status]).toEqual([path, 401]);
  expect((await post("/api/heal/worker", {})).status).toBe(401);
  expect((await post("/api/heal/worker", { authorization: "Bearer wrong-token-of-nobody" })).status).toBe(
    401,
  );
  expect((await ask(`${url}/healthz`)).status).toBe(200);

  expect((await ask(`${url}/api/status`, { headers: viewer })).status).toBe(200);
  for (const path of ["heal/worker", "check/worker", "wish/worker", "pause", "resume"])
    expect([path, (await post(`/api/${path}`, viewer)).status]).toEqual([path, 403]);

  const signedIn = await ask(link);
  const cookie = String(signedIn.headers["set-cookie"]).split(";")[0] ?? "";
  const force = { method: "POST", body: { force: true, wait: true } };
  const from = (origin: string) => ask(`${url}/api/heal/worker`, { ...force, headers: { cookie, origin } });
  expect((await from("http://evil.example")).status).toBe(403);
  expect((await ask(`${url}/api/heal/worker`, { ...force, headers: { cookie } })).status).toBe(403);
  expect((await ask(`${url}/api/status`, { headers: { ...operator, host: "evil.example" } })).status).toBe(
    403,
  );

  const unknown = await post("/api/heal/wroker", operator);
  expect(unknown.status).toBe(404);
  expect(JSON.stringify(unknown.json)).toContain("did you mean worker?");
  expect((await ask(`${url}/api/targets/nobody`, { headers: operator })).status).toBe(404);
  expect((await ask(`${url}/api/nothing`, { headers: operator })).status).toBe(404);

  expect((await node.audit("worker")).filter(({ event }) => event.startsWith("heal."))).toEqual([]);
  expect(node.pid("worker")).toBe(pid);
  expect(await from(url)).toMatchObject({ status: 200, json: { outcome: "healed" } });
});

test("/healthz is 200 while healq is well, and 503 while somebody else has paused a queue", async () => {
  const { node, url } = await startWebNode({ defaults: { every: "1s" }, targets: { worker: sleeper } });
  const healthz = () => ask(`${url}/healthz`);
  expect(await healthz()).toMatchObject({
    status: 200,
    json: { status: "ok", redis: "ok", scheduler: "ticking", pausedQueues: [] },
  });
  const connection = await connectFast({ socket: privateSocket(node.stateDir) }, 3_000);
  const queue = new Queue("heal.test", { connection, prefix: "{healq:test}" });
  onTestFinished(async () => {
    await queue.close();
    connection.disconnect();
  });
  await queue.pause();
  expect(await healthz()).toMatchObject({
    status: 503,
    json: { status: "critical", pausedQueues: ["heal.test"] },
  });
  await queue.resume();
  await until(async () => (await healthz()).status === 200, { what: "it is well again" });
});

test("a port that another program has is told of at the start and by doctor; healing goes on", async () => {
  const { port } = await serve((_, response) => void response.writeHead(200).end());
  const node = makeNode({ web: { port }, defaults: { every: "1s" }, targets: { worker: sleeper } });
  onTestFinished(async () => void (await node.healq("down", "--workers")));
  const up = await node.healq("up", "--detach");
  expect(up).toMatchObject({
    code: 0,
    stderr: expect.stringMatching(/^healq: no status page: .*; healing goes on/),
  });
  await untilShown(node, ["worker"]);
  const { stdout } = await node.healq("doctor", "--json");
  const { diagnoses } = JSON.parse(stdout);
  expect(diagnoses.find(({ about }: { about: string }) => about === "port")).toMatchObject({
    level: "warning",
    message: expect.stringContaining(`in use by pid ${process.pid}, not by the healq that runs here`),
  });
});
