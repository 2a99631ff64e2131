import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { until } from "../support/wait.ts";

const worker = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };

test("a killed process is back with a new pid, and the audit says why, with evidence", async () => {
  const node = await startNode({ defaults: { every: "1s", probation: "1s" }, targets: { worker } });
  const before = await until(() => node.pid("worker"));
  await until(async () => (await node.status("worker")).status === "ok", {
    within: 10_000,
    what: "it is well",
  });

  process.kill(before, "SIGKILL");
  const after = await until(() => node.pid("worker") !== before && node.pid("worker"), { what: "a new pid" });
  expect(after).not.toBe(before);

  const resolved = () =>
    node.audit("worker").then((all) => all.find(({ event }) => event === "incident.resolved"));
  await until(resolved, { within: 15_000, what: "the incident is resolved" });
  const audit = await node.audit("worker");
  const succeeded = audit.filter(({ event }) => event === "heal.succeeded");
  expect(succeeded).toHaveLength(1);
  expect(succeeded[0]).toMatchObject({ symptom: "process.dead", action: "restart", target: "worker" });
  expect(succeeded[0]?.durationMs).toBeGreaterThan(0);
  expect(succeeded[0]?.details).toMatchObject({ evidence: { signal: "SIGKILL", log: [] } });
  expect(await node.status("worker")).toMatchObject({
    status: "ok",
    phase: "watching",
    state: "running",
    pid: after,
    incident: null,
  });
});
