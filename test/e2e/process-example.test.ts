import { cpSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { run } from "../support/child.ts";
import { makeNode, type TestNode } from "../support/node.ts";
import { told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

const example = fileURLToPath(new URL("../../examples/kinds/process.yaml", import.meta.url));

/** A node that runs the example as users have it; its record lies where it does by default. */
function exampleNode(env: Record<string, string>): TestNode {
  const node = makeNode({ targets: {} }, { env });
  cpSync(example, node.configFile);
  return { ...node, stateDir: node.path(".healq") };
}

test("examples/kinds/process.yaml: started in order, a dead worker comes back, what may end stays ended, what is found is looked at", async () => {
  const node = exampleNode({ NGINX_PID: "nginx.pid" });
  writeFileSync(node.path("nginx.pid"), String(run(["sleep", "300"]).pid));
  await node.up();
  await untilShown(node, ["predictor", "import", "nginx"], { status: "ok" });
  const order = ["predictor", "import"].map((id) => told(node, id, "target.started")[0]?.at ?? "");
  expect(order).toEqual([...order].sort());
  await until(() => readFileSync(node.path("import.log"), "utf8") === "imported\n", {
    what: "it is imported",
  });

  const pid = Number(readFileSync(`${node.stateDir}/pids/predictor.pid`, "utf8"));
  rmSync(node.path("signals.log"));
  process.kill(pid, "SIGKILL");
  const cured = await untilTold(node, "predictor", "heal.succeeded");
  expect(cured).toMatchObject({ action: "restart" });
  // Verified by a write that is newer than the start.
  await until(() => readFileSync(node.path("signals.log"), "utf8") !== "", { what: "it writes" });

  const next = Number(readFileSync(`${node.stateDir}/pids/predictor.pid`, "utf8"));
  expect(next).not.toBe(pid);
  expect(told(node, "import", "target.started")).toHaveLength(1);
  expect(told(node, "nginx", "heal.started")).toEqual([]);
  expect(readFileSync(node.path("import.log"), "utf8")).toBe("imported\n");
});
