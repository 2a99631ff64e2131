import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { record, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

/** Writes `out` five times a second, but not while `hang` is there; its start removes that. */
const writer = (out: string, hang: string) => ({
  kind: "process",
  run: ["sh", "-c", `rm -f ${hang}; while :; do [ -e ${hang} ] || date > ${out}; sleep 0.2; done`],
  stableFor: "200ms",
});

test("a watched file that is deleted is back with its content", async () => {
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: { weights: { kind: "file", path: "data/weights.json", create: { content: '{"a":1}' } } },
  });
  // It was not there when healq came up either.
  await untilTold(node, "weights", "incident.resolved");
  rmSync(node.path("data/weights.json"));
  await untilTold(node, "weights", "heal.succeeded", { times: 2 });
  expect(readFileSync(node.path("data/weights.json"), "utf8")).toBe('{"a":1}');
  expect(told(node, "weights", "heal.started")).toMatchObject([
    { symptom: "file.missing", action: "create" },
    { symptom: "file.missing", action: "create" },
  ]);
  await untilTold(node, "weights", "incident.resolved", { times: 2 });
});

test("a chain of processes and files is cured from the top by heals of the producers, each once, under their own budgets", async () => {
  const node = await startNode({
    defaults: { every: "1s", probation: "1s", attempts: 1, backoff: { delay: "500ms" } },
    targets: {
      engine: { ...writer("signals", "hang1"), budget: { max: 1, per: "1h" } },
      signals: { kind: "file", path: "signals", maxAge: "2s", producer: "engine" },
      predictor: { ...writer("weights", "hang2"), needs: ["signals"] },
      weights: { kind: "file", path: "weights", maxAge: "4s", producer: "predictor", needs: ["signals"] },
    },
  });
  const all = ["engine", "signals", "predictor", "weights"];
  await untilShown(node, all, { status: "ok", within: 30_000 });
  // Files that are not there yet when healq comes up are bad: let those incidents pass.
  await untilShown(node, all, { phase: "watching", within: 30_000 });
  const seen = record(node).length;

  for (const hang of ["hang1", "hang2"]) writeFileSync(node.path(hang), "");
  await until(() => heals(seen).length >= 8, { within: 40_000, what: "all four are healed" }).catch(
    (error) => {
      throw new Error(`${error}\n${heals(0).join("\n")}`);
    },
  );
  const steps = heals(seen);
  expect(steps.filter((step) => step.includes("started"))).toEqual([
    "signals heal.started producer",
    "engine heal.started restart",
    "weights heal.started producer",
    "predictor heal.started restart",
  ]);
  // A file waits for the heal of its producer, and then verifies itself.
  for (const [producer, file] of [
    ["engine", "signals"],
    ["predictor", "weights"],
  ]) {
    expect(
      steps.filter((step) => /succeeded|failed|skipped/.test(step) && step.match(`${producer}|${file}`)),
    ).toEqual([`${producer} heal.succeeded restart`, `${file} heal.succeeded producer`]);
  }
  expect(told(node, "engine", "heal.started").at(-1)?.reason).toMatch(
    /^signals: .*signals has not been written/,
  );
  await untilShown(node, all);

  // The engine may be restarted once an hour; the file's own budget is not asked.
  const pid = node.pid("engine");
  writeFileSync(node.path("hang1"), "");
  await untilTold(node, "signals", "heal.failed");
  expect(told(node, "signals", "heal.failed").at(-1)?.reason).toMatch(
    /engine was not healed: .*budget of 1 application within 1h/,
  );
  expect(node.pid("engine")).toBe(pid);

  // A person's word about the producer is no failure of the file's heal.
  await node.healq("stop", "engine");
  const forced = await node.healq("heal", "signals", "--force", "--json");
  expect(JSON.parse(forced.stdout)).toMatchObject({
    outcome: "skipped",
    reason: expect.stringMatching(/^engine was not healed: engine was stopped by /),
  });

  function heals(from: number): string[] {
    return record(node)
      .slice(from)
      .filter(({ event }) => /^heal\.(started|succeeded|failed|skipped)$/.test(event))
      .map(({ target, event, action }) => `${target} ${event} ${action}`);
  }
});
