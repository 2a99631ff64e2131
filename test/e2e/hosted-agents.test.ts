import { execFileSync } from "node:child_process";
import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, onTestFinished, test } from "vitest";
import type { AuditView } from "../../src/views/audit.ts";
import { freePort } from "../support/free-port.ts";
import { run } from "../support/node.ts";
import { linesOf } from "../support/record.ts";
import { makeScratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const example = fileURLToPath(new URL("../../examples/hosted-agents", import.meta.url));

/** The example in a folder of its own, run as its README says; ended with the test. */
async function runExample() {
  const folder = makeScratch();
  const isPart = (path: string) =>
    !/\/(\.healq|data|venv|node_modules)(\/|$)|\.whl$/.test(path.slice(example.length));
  cpSync(example, folder, { recursive: true, filter: isPart });
  execFileSync("python3", ["prepare.py"], { cwd: folder });
  const env = { ...process.env, HEALQ_EXAMPLE_PORT: await freePort() };
  const healq = (...args: string[]) => run([...args, "-c", join(folder, "healq.yaml")], env);
  onTestFinished(async () => {
    const down = await healq("down", "--workers");
    expect(down.code, down.stderr).toBe(0);
    rmSync(folder, { recursive: true, force: true });
  });
  const up = await healq("up", "--detach");
  expect(up.code, up.stderr).toBe(0);
  const audit = () => linesOf(join(folder, ".healq/audit.jsonl")).map((line): AuditView => JSON.parse(line));
  const healed = (target: string, action: string, times = 1) =>
    until(
      () =>
        audit().filter(
          (one) => one.event === "heal.succeeded" && one.target === target && one.action === action,
        )[times - 1],
      { within: 30_000, what: `${action} of ${target}` },
    ).catch((error: unknown) => {
      const story = audit().map(({ event, target: of, action: by, reason }) =>
        [event, of, by, reason].join(" "),
      );
      throw new Error(`${String(error)}\n${story.join("\n")}`);
    });
  return { folder, healq, audit, healed };
}

test("the agents start without what they need, their logs tell of it, and it is mended; a hub on another port restarts the fetcher", async () => {
  const { folder, healq, audit, healed } = await runExample();
  await healed("fetcher_needs", "install");
  expect(existsSync(join(folder, "node_modules/words/package.json"))).toBe(true);
  // One heal for what came out one after the other.
  await healed("translator_log", "mkdir");
  const began = audit().filter(
    ({ event, target }) => event === "heal.started" && target === "translator_log",
  );
  expect(began).toMatchObject([
    { symptom: "log.missing-module", action: "install", reason: expect.stringContaining("missing-module") },
    { symptom: "log.missing-path", action: "mkdir", reason: expect.stringContaining("missing-path") },
  ]);
  const translation = () => readFileSync(join(folder, "data/out/translation"), "utf8");
  await until(() => /^Text Nummer \d+$/.test(translation()), { within: 10_000, what: "it translates" });

  expect((await healq("restart", "hub")).code).toBe(0);
  expect(await healed("fetcher_log", "target")).toMatchObject({ symptom: "log.connection" });
}, 90_000);
