import { chmodSync } from "node:fs";
import { expect, test } from "vitest";
import { makeNode, withoutWeb } from "../support/node.ts";

test.runIf(process.geteuid?.() === 0)("as root a config that others can write is not run", async () => {
  const node = makeNode({ targets: { f: { kind: "file", path: "healq.yaml" } } });
  chmodSync(node.configFile, 0o666);
  const refused = await node.healq("up", ...withoutWeb);
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("can be written by others (mode 666)");
  // Nor one that they can replace.
  chmodSync(node.configFile, 0o600);
  chmodSync(node.folder, 0o777);
  const replaceable = await node.healq("up", ...withoutWeb);
  expect(replaceable).toMatchObject({ code: 2, stdout: "" });
  expect(replaceable.stderr).toContain(`lies in ${node.folder}, which can be written by others (mode 777)`);
});

test("scheduler and heal are the supervisor's, and come together", async () => {
  const node = makeNode({ targets: { f: { kind: "file", path: "healq.yaml" } } });
  const refused = await node.healq("up", "--only", "scheduler,check");
  expect(refused).toMatchObject({ code: 2, stdout: "" });
  expect(refused.stderr).toContain("name both or neither");
});
