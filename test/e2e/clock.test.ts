import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { auditOf, linesOf, untilBack, untilWell } from "../support/record.ts";
import { useRedis } from "../support/redis.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { clock, looks } from "../support/worker.ts";

/** Makes a program believe in another time, from the outside. `setup.sh` installs it; without it, and not in CI, the test is left out. */
const library = ["/usr/lib", "/usr/lib64", "/usr/local/lib"]
  .filter(existsSync)
  .flatMap((folder) =>
    ["", ...readdirSync(folder)].map((sub) => join(folder, sub, "faketime/libfaketimeMT.so.1")),
  )
  .find(existsSync);

test.runIf(library !== undefined || process.env.CI)(
  "with the clock an hour back, then a day ahead: looks, cures and tries go on at once, there is no storm, and nothing waits longer",
  async () => {
    if (library === undefined) throw new Error("libfaketime is missing: run ./setup.sh");
    const redis = await useRedis();
    const offset = join(scratch(), "offset");
    const set = (to: string) => writeFileSync(offset, `${to}\n`);
    set("+0");
    const env = {
      LD_PRELOAD: library,
      FAKETIME_TIMESTAMP_FILE: offset,
      FAKETIME_NO_CACHE: "1",
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      FAKETIME_DONT_RESET: "1",
    };
    const node = await startNode(
      {
        redis: redis.url,
        defaults: { every: "1s", probation: "1s", backoff: { delay: "2s", max: "2s", jitter: 0 } },
        targets: {
          worker: { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" },
          broken: {
            kind: "command",
            run: ["sh", "-c", "exit 2"],
            heal: [{ exec: ["sh", "-c", "echo >>tries"] }],
            attempts: 5,
            verify: { within: "100ms" },
          },
          clock,
        },
      },
      { env },
    );
    await untilWell(node, "worker");
    const tries = () => linesOf(node.path("tries")).length;
    await until(() => tries() >= 1, { within: 15_000, what: "a first try" });
    for (const [to, words] of [
      ["-3600", "the clock was set back by 1h"],
      ["+86400", "the clock went ahead by 1d"],
    ] as const) {
      const before = tries();
      set(to);
      await looks(node, 2);
      expect(node.said().split(words)).toHaveLength(2);
      await untilBack(node, "worker");
      await until(() => tries() > before, { within: 10_000, what: "the next try" });
    }
    expect(node.said().match(/tick/g) ?? []).toHaveLength(0);
    // In the order in which it happened, whatever time it was.
    const ids = auditOf(node).map(({ id }) => Number(id.split("-")[0]));
    expect(ids).toEqual([...ids].sort((a, b) => a - b));
    set("+0");
  },
);
