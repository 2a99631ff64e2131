import { rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { untilShown } from "../support/story.ts";

test("heal --all says at its end what was fixed, what needs a person, and what was not touched", async () => {
  const file = (path: string) => ({ kind: "file", path, create: { content: "{}" } });
  const node = await startNode(
    {
      // Nobody but the command looks again.
      defaults: { every: "1h", verify: { within: "300ms" }, attempts: 1 },
      targets: {
        fine: { kind: "file", path: "fine" },
        gone: file("gone"),
        broken: { kind: "file", path: "broken", heal: [{ exec: ["false"] }] },
        orphan: { kind: "file", path: "orphan" },
        reader: { kind: "file", path: "reader", needs: ["broken"], create: { content: "" } },
      },
    },
    { files: { fine: "", gone: "", broken: "", orphan: "", reader: "" } },
  );
  const all = ["fine", "gone", "broken", "orphan", "reader"];
  await node.healq("heal", "--all");
  await untilShown(node, all);
  for (const path of ["gone", "broken", "orphan", "reader"]) rmSync(node.path(path));
  const healed = await node.healq("heal", "--all");
  expect(healed.stdout.split("\n\n")[1]?.trim().split("\n")).toEqual([
    "fixed: gone",
    "failed, needs a person: broken",
    "warnings, not touched: orphan, reader",
    "well already: fine",
  ]);
  expect(healed.stdout).toContain("reader: not healed: needs broken, which is critical");
  expect(healed.code).toBe(1);

  writeFileSync(node.path("broken"), "");
  writeFileSync(node.path("orphan"), "");
  const again = await node.healq("heal", "--all", "--json");
  const ended: { target: string; outcome: string }[] = JSON.parse(again.stdout);
  // What others rely on comes first; the reader may be cured by itself once what it needs is well.
  expect(ended.map(({ target }) => target)).toEqual(all);
  expect(ended.slice(0, 4).map(({ outcome }) => outcome)).toEqual(Array(4).fill("already-healthy"));
  expect(["healed", "already-healthy"]).toContain(ended[4]?.outcome);
  expect(again.code).toBe(0);
});
