import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { until } from "../support/wait.ts";

const secret = "hunter2hunter2";

test("what a check prints of a secret is written nowhere: not to Redis, the audit, the log, nor by a command", async () => {
  const leaky = {
    kind: "command",
    run: ["sh", "-c", 'echo "CRITICAL - key $API_TOKEN password=letmein99"; exit 2'],
    env: { API_TOKEN: secret },
  };
  const node = await startNode({ defaults: { every: "1s" }, targets: { leaky } });
  const seen = await until(
    async () => {
      const status = await node.status("leaky");
      return status.status === "critical" && status.incident !== null ? status : undefined;
    },
    { within: 15_000, what: "it is critical" },
  );
  expect(seen.message).toContain("CRITICAL - key [redacted] password=[redacted]");
  const said = [
    await node.healq("check"),
    await node.healq("check", "--json"),
    await node.healq("audit", "--json"),
  ];
  const folder = join(node.stateDir, "redis", "appendonlydir");
  const written = [
    ...readdirSync(folder).map((name) => readFileSync(join(folder, name), "latin1")),
    readFileSync(join(node.stateDir, "audit.jsonl"), "utf8"),
    readFileSync(join(node.stateDir, "logs", "healq.log"), "utf8"),
    ...said.map(({ stdout, stderr }) => stdout + stderr),
  ];
  expect(written.join("\n")).toContain("[redacted]");
  for (const text of written) expect(text).not.toMatch(/hunter2hunter2|letmein99/);
});
