import { expect, test } from "vitest";
import { askedBy, healOrder } from "../../src/remedies/asked.ts";
import { loadRealText } from "../config/load.ts";

const config = await loadRealText(`
targets:
  resolver: { kind: process, run: [sleep, "9"], needs: [predictions] }
  predictions: { kind: file, path: p, maxAge: 1h, producer: predictor }
  predictor: { kind: process, run: [sleep, "9"], needs: [signals] }
  signals: { kind: file, path: s, maxAge: 1h, producer: engine }
  engine: { kind: process, run: [sleep, "9"] }
  page: { kind: http, url: "http://127.0.0.1:1/", target: engine }
  alone: { kind: file, path: a, maxAge: 1h }
`);

test("what a target's cures act on is known from its ladders", () => {
  const asked = Object.fromEntries([...config.targets].map(([id, target]) => [id, askedBy(target)]));
  expect(asked).toEqual({
    resolver: [],
    predictions: ["predictor"],
    predictor: [],
    signals: ["engine"],
    engine: [],
    page: ["engine"],
    alone: [],
  });
});

test("targets are healed from the top, each after all that it relies on", () => {
  const order = healOrder([...config.targets.values()]).map((group) => group.map(({ id }) => id));
  expect(order).toEqual([
    ["engine", "alone"],
    ["signals", "page"],
    ["predictor"],
    ["predictions"],
    ["resolver"],
  ]);
});
