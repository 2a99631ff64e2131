import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeNode } from "../support/node.ts";
import { privatePm2 } from "../support/pm2.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

test("an app of pm2 that is killed is brought back by pm2, and what a person stops stays stopped", async () => {
  const pm2 = privatePm2();
  const app = join(scratch(), "app.cjs");
  writeFileSync(app, "setInterval(() => {}, 1000);\n");
  pm2.run("start", app, "--name", "web", "--no-autorestart");
  const worker = {
    kind: "process",
    pm2: { name: "web", home: pm2.home },
    stableFor: "200ms",
    startGrace: "1s",
  };
  const config = { defaults: { every: "1s", probation: "1s", timeout: "5s" }, targets: { worker } };
  const node = makeNode(config, { env: pm2.env });
  await node.up();
  const well = async () => {
    const { status, pid } = await node.status("worker");
    return status === "ok" ? pid : undefined;
  };
  const before = await until(well, { within: 15_000, what: "it is well" });

  process.kill(before, "SIGKILL");
  const succeeded = await until(
    async () => (await node.audit("worker")).find(({ event }) => event === "heal.succeeded"),
    { within: 20_000, every: 200, what: "it is healed" },
  );
  expect(succeeded).toMatchObject({ symptom: "process.dead", action: "restart" });
  expect(succeeded.details).toMatchObject({ manager: "pm2", unit: "web" });
  const after = await until(well, { within: 15_000, what: "it is well again" });
  expect(after).not.toBe(before);
  expect(pm2.pid("web")).toBe(after);

  const stopped = await node.healq("stop", "worker");
  expect(stopped.stderr).toBe("");
  expect(stopped.stdout).toContain("worker is stopped (stop worker by pm2 stop web)");
  expect(pm2.pid("web")).toBe(0);
  expect(await node.status("worker")).toMatchObject({ phase: "stopped", state: "stopped" });
  const started = await node.healq("start", "worker");
  expect(started.stderr).toBe("");
  expect(pm2.pid("web")).toBeGreaterThan(0);
}, 60_000);
