import { expect, it } from "vitest";
import { ladderFor } from "../../src/model/target.ts";
import { loadText, targetOf } from "./load.ts";

async function laddersOf(fields: string, kind = "kind: process, run: [a]") {
  return targetOf(
    await loadText(`targets: { other: { kind: process, run: [b] }, a: { ${kind}, ${fields} } }\n`),
    "a",
  ).ladders;
}

it("tries a rung before the last once and the last one as often as `attempts` says", async () => {
  const { any } = await laddersOf("attempts: 4, heal: [restart, { exec: [./fix.sh, -x] }]");
  expect(any).toEqual([
    { remedy: "restart", params: {}, tries: 1 },
    { remedy: "exec", params: ["./fix.sh", "-x"], tries: 4 },
  ]);
});

it("tries a rung as often as it says", async () => {
  const { any } = await laddersOf("heal: [{ restart: , tries: 2 }, { signal: SIGHUP, tries: 5 }]");
  expect(any.map((rung) => rung.tries)).toEqual([2, 5]);
});

it("calls people once, for calling again cures nothing", async () => {
  const { any } = await laddersOf("heal: [restart, alert]");
  expect(any.map((rung) => [rung.remedy, rung.tries])).toEqual([
    ["restart", 1],
    ["alert", 1],
  ]);
});

it("with an empty list heals nothing", async () => {
  expect(await laddersOf("heal: []")).toEqual({ any: [], bySymptom: {} });
});

it("by symptom heals those symptoms and no other", async () => {
  expect(await laddersOf("heal: { process.hung: [restart] }")).toEqual({
    any: [],
    bySymptom: { "process.hung": [{ remedy: "restart", params: {}, tries: 3 }] },
  });
});

it("in a map `any` is for what the map does not name", async () => {
  const ladders = await laddersOf("heal: { any: [restart], process.hung: [] }");
  expect(ladders).toEqual({
    any: [{ remedy: "restart", params: {}, tries: 3 }],
    bySymptom: { "process.hung": [] },
  });
  expect(ladderFor({ ladders }, "process.hung")).toEqual([]);
  expect(ladderFor({ ladders }, "process.dead")).toEqual(ladders.any);
});

it("takes the kind's own when there is none, by symptom too", async () => {
  expect(await laddersOf("path: x, producer: other", "kind: file")).toEqual({
    any: [],
    bySymptom: { "file.stale": [{ remedy: "producer", params: null, tries: 3 }] },
  });
});

it("leaves out of the kind's own what does not fit the target", async () => {
  expect(await laddersOf("match: x", "kind: process")).toEqual({ any: [], bySymptom: {} });
});

it("takes what a bare name means and what is written", async () => {
  const { any } = await laddersOf("heal: [target, { target: other }]");
  expect(any.map((rung) => rung.params)).toEqual([null, "other"]);
});
