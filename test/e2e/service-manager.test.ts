import { execFileSync } from "node:child_process";
import { cpSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { AuditView } from "../../src/views/audit.ts";
import type { StatusView } from "../../src/views/status.ts";
import { freePort } from "../support/free-port.ts";
import { run } from "../support/node.ts";
import { makeScratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const example = fileURLToPath(new URL("../../examples/service-manager", import.meta.url));

/** The example in a folder of its own, as a new user runs it; ended with the test. */
async function runExample() {
  const folder = makeScratch();
  // What a run of the example leaves in its folder is not part of it.
  cpSync(example, folder, {
    recursive: true,
    filter: (path) => !/\/(\.healq|data)(\/|$)/.test(path.slice(example.length)),
  });
  const names = [
    "HEALQ_EXAMPLE_PORT",
    "DATABASE_PORT",
    "API_PORT",
    "WORKER_PORT",
    "SITE_PORT",
    "MAILER_PORT",
  ];
  const ports: Record<string, string> = {};
  for (const name of names) ports[name] = await freePort();
  const env = { ...process.env, ...ports };
  const healq = (...args: string[]) => run([...args, "-c", join(folder, "healq.yaml")], env);
  onTestFinished(async () => {
    const down = await healq("down", "--workers");
    execFileSync(process.execPath, [join(folder, "services/ctl.mjs"), "stop"]);
    expect(down.code, down.stderr).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const up = await healq("up", "--detach");
  expect(up.code, up.stderr).toBe(0);
  const statuses = async (): Promise<Record<string, string>> => {
    const view: StatusView = JSON.parse((await healq("status", "--json")).stdout);
    return Object.fromEntries(view.targets.map(({ id, status, phase }) => [id, `${status} ${phase}`]));
  };
  const healed = async (target: string): Promise<AuditView | undefined> => {
    const { stdout } = await healq("audit", target, "--json", "--limit", "100");
    const entries = stdout.split("\n").filter(Boolean);
    return entries
      .map((line): AuditView => JSON.parse(line))
      .findLast(({ event }) => event === "heal.succeeded");
  };
  const post = (port: string, path: string) =>
    fetch(`http://127.0.0.1:${ports[port]}${path}`, { method: "POST" });
  const pid = (file: string) => Number(readFileSync(join(folder, file), "utf8"));
  return { statuses, healed, post, pid };
}

test("the service manager heals what is killed, hangs, answers 500 or takes too much, and gives up what cannot work", async () => {
  const { statuses, healed, post, pid } = await runExample();
  const services = ["database", "api", "worker", "web-site", "mailer"];
  const allWell = async () => {
    const all = await statuses();
    return services.every((id) => all[id] === "ok watching" || all[id] === "ok probation");
  };
  await until(allWell, { within: 20_000, every: 200, what: "all five are well" });

  process.kill(pid("data/mailer.pid"), "SIGKILL");
  process.kill(pid(".healq/pids/api.pid"), "SIGKILL");
  await Promise.all([post("SITE_PORT", "/break"), post("WORKER_PORT", "/leak")]);
  for (const [target, symptom] of [
    ["mailer", "process.dead"],
    ["api", "process.dead"],
    ["web-site", "process.unhealthy"],
    ["worker", "process.memory"],
  ] as const) {
    const entry = await until(() => healed(target), {
      within: 20_000,
      every: 200,
      what: `${target} is cured`,
    });
    // The first one was for its first start, of what healq does not start by itself.
    if (target !== "mailer") expect(entry).toMatchObject({ symptom, action: "restart" });
  }
  await until(allWell, { within: 20_000, every: 200, what: "all five are well again" });
  await post("DATABASE_PORT", "/hang");
  expect(await until(() => healed("database"), { within: 20_000, every: 200 })).toMatchObject({
    symptom: "process.unhealthy",
  });
  await until(async () => (await statuses()).import?.endsWith("gave-up"), { within: 20_000, every: 200 });
}, 90_000);
