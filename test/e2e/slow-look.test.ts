import { writeFileSync } from "node:fs";
import { expect, onTestFinished, test } from "vitest";
import { connectFast } from "../../src/redis/connection.ts";
import { privateSocket } from "../../src/redis/private.ts";
import { createFleetReader } from "../../src/store/reader.ts";
import { makeNode } from "../support/node.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

test("a look that hangs for 30 s keeps none of 99 others from being looked at every second", async () => {
  let asked = 0;
  const { url } = await serve(() => {
    asked += 1;
  });
  const files = Array.from({ length: 99 }, (_, n) => `file${n}`);
  const node = makeNode({
    defaults: { every: "1s" },
    targets: {
      hangs: { kind: "http", url, timeout: "30s" },
      ...Object.fromEntries(files.map((path) => [path, { kind: "file", path }])),
    },
  });
  for (const file of files) writeFileSync(node.path(file), "");
  await node.up();
  const redis = await connectFast({ socket: privateSocket(node.stateDir) }, 3_000);
  onTestFinished(() => redis.disconnect());
  const clock = { now: () => Date.now() };
  const reader = createFleetReader({ redis, node: "test", clock, duplicate: () => redis });
  await until(() => asked === 1, { what: "the hanging address is asked" });

  const looks = new Map<string, number[]>(files.map((file) => [file, []]));
  await until(
    async () => {
      for (const { id, look } of await reader.targets()) {
        const times = looks.get(id);
        if (times !== undefined && look !== undefined && times.at(-1) !== look.at) times.push(look.at);
      }
      return [...looks.values()].every((times) => times.length >= 8);
    },
    { within: 20_000, every: 100, what: "each file is looked at eight times" },
  );
  for (const [file, times] of looks) {
    // The look right at the start comes beside the first tick.
    const ticks = times.slice(1);
    const took = (ticks.at(-1) ?? 0) - (ticks[0] ?? 0);
    expect(took / (ticks.length - 1), file).toBeGreaterThan(800);
    expect(took / (ticks.length - 1), file).toBeLessThan(3_000);
  }
  // It is being looked at all the while: once, not once a second.
  expect(asked).toBe(1);
  expect((await node.status("hangs")).lastCheck).toBeNull();
});
