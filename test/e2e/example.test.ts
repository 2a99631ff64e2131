import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { StatusView } from "../../src/views/status.ts";
import { freePort } from "../support/free-port.ts";
import { type Ran, run } from "../support/node.ts";
import { makeScratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));
const all = { signals: "ok", averages: "ok", report: "ok", settings: "ok", "newest-report": "ok" };

/** The example in a folder of its own, run as a new user runs it; ended with the test. */
async function runExample(): Promise<{ folder: string; healq(...args: string[]): Promise<Ran> }> {
  const folder = makeScratch();
  // What a run of the example leaves in its folder is not part of it.
  const isPart = (path: string) => !/\/(\.healq|data)(\/|$)/.test(path.slice(examples.length));
  cpSync(join(examples, "pipeline"), folder, { recursive: true, filter: isPart });
  const env = { ...process.env, HEALQ_EXAMPLE_PORT: await freePort(), SIGNALS_PORT: await freePort() };
  const healq = (...args: string[]) => run([...args, "-c", join(folder, "healq.yaml")], env);
  onTestFinished(async () => {
    const down = await healq("down", "--workers");
    expect(down.code, down.stderr).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const up = await healq("up", "--detach");
  expect(up.code, up.stderr).toBe(0);
  return { folder, healq };
}

test("the example heals what a new user breaks: a killed worker, a frozen one, a deleted file", async () => {
  const { folder, healq } = await runExample();
  const pid = (target: string) => Number(readFileSync(join(folder, ".healq/pids", `${target}.pid`), "utf8"));
  const status = async (): Promise<StatusView> => JSON.parse((await healq("status", "--json")).stdout);
  const statuses = async () =>
    Object.fromEntries((await status()).targets.map(({ id, status: how }) => [id, how]));
  const allWell = (what: string) =>
    until(async () => JSON.stringify(await statuses()) === JSON.stringify(all), { within: 40_000, what });
  const healed = async (target: string) =>
    (await healq("audit", target, "--json")).stdout.includes('"heal.succeeded"');
  await allWell("all five are ok");
  const [signals, averages] = [pid("signals"), pid("averages")];

  process.kill(signals, "SIGKILL");
  process.kill(averages, "SIGSTOP");
  rmSync(join(folder, "settings.json"));
  for (const target of ["signals", "averages", "settings"])
    await until(() => healed(target), { within: 40_000, what: `${target} is cured` });

  await allWell("all five are ok again");
  expect(pid("signals")).not.toBe(signals);
  expect(pid("averages")).not.toBe(averages);
  expect(readFileSync(join(folder, "settings.json"), "utf8")).toBe(
    readFileSync(join(examples, "pipeline/settings.json"), "utf8"),
  );
}, 120_000);

test.each([
  ["pipeline", {}],
  ["service-manager", {}],
  ["docker", { REDIS_URL: "redis://redis:6379/0" }],
])("the config of examples/%s has no problem", async (name, env) => {
  const file = join(examples, name, "healq.yaml");
  expect(existsSync(file)).toBe(true);
  const { code, stderr } = await run(["validate", "-c", file], { ...process.env, ...env });
  expect(stderr).toBe("");
  expect(code).toBe(0);
});
