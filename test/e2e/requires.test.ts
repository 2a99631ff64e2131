import { existsSync, rmSync, statSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

test("a process waits for what it requires, says what that is, and is started when a person has mended what healq cannot", async () => {
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: {
      app: { kind: "process", run: ["sleep", "1000"], stableFor: "200ms", needs: ["tools", "settings"] },
      tools: { kind: "requires", directories: ["data/in"], executables: ["./tool"] },
      settings: { kind: "config", path: "app.yaml", fields: { port: { type: "integer", default: 80 } } },
    },
  });
  // Healed one after the other: the folder, and what is left has no cure.
  const waits = /^waits for its needs: tools \(command not found: \.\/tool/;
  await until(async () => waits.test((await node.status("app"))?.message ?? ""), { within: 20_000 });
  expect(await node.status("app")).toMatchObject({
    state: "starting",
    phase: "blocked",
    message: expect.stringMatching(waits),
  });
  expect(told(node, "app", "target.started")).toEqual([]);
  await untilTold(node, "settings", "heal.succeeded");
  expect(existsSync(node.path("app.yaml"))).toBe(true);
  expect(statSync(node.path("data/in")).isDirectory()).toBe(true);
  writeFileSync(node.path("tool"), "#!/bin/sh\n", { mode: 0o755 });
  await untilShown(node, ["app"]);
  expect(told(node, "app", "target.started")).toHaveLength(1);

  // The same when it dies while something is missing: nothing is spent, and it comes back by itself.
  rmSync(node.path("tool"));
  await untilShown(node, ["tools"], { status: "critical" });
  process.kill(node.pid("app") ?? 0, "SIGKILL");
  await untilShown(node, ["app"], { phase: "blocked" });
  expect(await node.status("app")).toMatchObject({
    state: "crashed",
    message: expect.stringMatching(
      /^dead: killed by SIGKILL; not healed: needs tools, .*command not found: \.\/tool/,
    ),
  });
  expect(told(node, "app", "heal.started")).toEqual([]);
  writeFileSync(node.path("tool"), "#!/bin/sh\n", { mode: 0o755 });
  await untilTold(node, "app", "heal.succeeded");
  expect(told(node, "app", "heal.started")).toHaveLength(1);
});
