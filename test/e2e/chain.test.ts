import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { parse } from "yaml";
import type { HealView } from "../../src/views/heal.ts";
import type { ReportView } from "../../src/views/report.ts";
import { startNode, type TestNode, type WrittenConfig } from "../support/node.ts";
import { told, untilShown, untilTold } from "../support/story.ts";

const example = fileURLToPath(new URL("../../examples/chain", import.meta.url));
const text = (name: string) => readFileSync(join(example, name), "utf8");
const chain = [
  "predictive_engine",
  "predictive_signals",
  "ensemble_predictor",
  "ensemble_predictions",
  "signal_resolver",
];
const [engine = "", signals = "", predictor = "", predictions = "", resolver = ""] = chain;

/** The example in a folder of its own; healq says when all of it is well. */
async function runChain(defaults: object = {}): Promise<TestNode> {
  const {
    node: _,
    stateDir: __,
    ...config
  }: WrittenConfig & { defaults: object } = parse(text("healq.yaml"));
  const files = { "engine.mjs": text("engine.mjs"), "relay.mjs": text("relay.mjs") };
  const node = await startNode({ ...config, defaults: { ...config.defaults, ...defaults } }, { files });
  await untilShown(node, chain);
  return node;
}

const report = async (node: TestNode): Promise<ReportView> =>
  JSON.parse((await node.healq("report", "--json", "--since", "1h")).stdout);

test("when the top of a chain stops writing, the top is restarted, once, and nothing below it", async () => {
  const node = await runChain();
  const plan: HealView[] = JSON.parse((await node.healq("heal", "--all", "--dry-run", "--json")).stdout);
  expect(plan.map(({ target }) => target)).toEqual(chain);

  const before = [predictor, resolver].map((id) => node.pid(id));
  process.kill(node.pid(engine) ?? 0, "SIGUSR2");
  await untilTold(node, signals, "heal.succeeded");
  await untilShown(node, chain);
  const started = chain.map((id) => [id, told(node, id, "heal.started").length]);
  expect(Object.fromEntries(started)).toEqual({
    [engine]: 1,
    [signals]: 1,
    [predictor]: 0,
    [predictions]: 0,
    [resolver]: 0,
  });
  expect([predictor, resolver].map((id) => node.pid(id))).toEqual(before);
});

test("when the top cannot be cured, what is below is left alone, and the report says who needs a person", async () => {
  const node = await runChain({ budget: { max: 2, per: "10m" }, backoff: { delay: "100ms", max: "200ms" } });
  const before = node.pid(predictor);
  writeFileSync(node.path("data/broken"), "");
  process.kill(node.pid(engine) ?? 0, "SIGKILL");
  await untilTold(node, engine, "incident.gave-up");
  await untilShown(node, [predictions], { phase: "blocked" });
  const { failed, warnings } = await report(node);
  expect(failed.map(({ target }) => target)).toContain(engine);
  const blocked = warnings.find(({ target }) => target === predictions);
  expect(blocked?.reason).toContain(`needs ${predictor}, which needs ${signals}, which is critical`);
  for (const id of [predictor, predictions, resolver]) expect(told(node, id, "heal.started")).toEqual([]);
  expect(node.pid(predictor)).toBe(before);
  const said = await node.healq("report");
  expect(said.code).toBe(1);
  expect(said.stdout).toMatch(/^failed, needs a person\n(?: {2}.*\n)* {2}predictive_engine: /m);
});
