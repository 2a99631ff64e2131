import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { makeNode } from "../support/node.ts";
import { scratch } from "../support/scratch.ts";
import { untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

test("healq killed while it patches a file: the file is as it was, and the next one cures it and clears up", async () => {
  const trap = join(scratch(), "crash-at");
  const hook = fileURLToPath(new URL("../support/die-before-rename.mjs", import.meta.url));
  const node = makeNode(
    {
      defaults: { every: "1s", probation: "1s" },
      targets: {
        settings: { kind: "config", path: "app.toml", fields: { port: { type: "integer", default: 8080 } } },
      },
    },
    { env: { NODE_OPTIONS: `--import=${hook}`, CRASH_AT: trap } },
  );
  const broken = "# ours\nport = 'eighty' # soon\n";
  writeFileSync(node.path("app.toml"), broken);
  writeFileSync(trap, JSON.stringify({ path: "/app.toml", holding: "8080" }));
  await node.up();
  await until(() => node.process().signalCode, { within: 20_000, what: "healq is killed" });
  const files = () => readdirSync(node.folder).filter((name) => name.includes("app.toml"));
  expect(readFileSync(node.path("app.toml"), "utf8")).toBe(broken);
  const [temporary = "", ...others] = files();
  expect(temporary).toBe(`.app.toml.${node.process().pid}.healq`);
  // The backup comes before anything else.
  expect(others).toHaveLength(2);

  await node.up();
  await untilTold(node, "settings", "heal.succeeded");
  expect(readFileSync(node.path("app.toml"), "utf8")).toBe("# ours\nport = 8080 # soon\n");
  expect(files()).toEqual(others);
  expect(readFileSync(node.path(others.find((name) => name.endsWith(".bak")) ?? ""), "utf8")).toBe(broken);
});
