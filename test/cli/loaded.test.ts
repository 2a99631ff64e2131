import { expect, test } from "vitest";
import { packagesLoaded } from "../support/loaded.ts";
import { run } from "../support/node.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { startWebNode } from "../support/web-node.ts";
import { ask } from "../web/ask.ts";

/** What only those who open the page need. */
const ofThePage = ["express", "helmet", "@bull-board/api", "@bull-board/express"];

test("a command loads what it needs and no more; a node whose page nobody opens loads nothing of the page", async () => {
  const ofNode = scratch();
  const { node, url } = await startWebNode(
    { targets: { notes: { kind: "file", path: "notes" } } },
    { env: { NODE_V8_COVERAGE: ofNode }, files: { notes: "x" } },
  );
  const loadedBy = async (...args: string[]) => {
    const folder = scratch();
    const { code, stderr } = await run([...args, "--config", node.configFile], {
      ...process.env,
      NODE_V8_COVERAGE: folder,
    });
    expect([code, stderr]).toEqual([0, ""]);
    return packagesLoaded(folder);
  };
  expect([...(await loadedBy("--help"))]).toEqual(["commander"]);
  const status = await loadedBy("status");
  for (const needed of ["commander", "zod", "yaml", "ioredis"]) expect(status).toContain(needed);
  for (const heavy of ["bullmq", "pino", "execa", ...ofThePage]) expect(status).not.toContain(heavy);

  // Monitors ask this every few seconds.
  expect(await ask(`${url}/healthz`)).toMatchObject({ status: 200, json: { status: "ok" } });
  expect(await ask(`${url}/healthz?x`, { method: "HEAD" })).toMatchObject({ status: 200, text: "" });
  // And programs call in as often.
  expect(await ask(`${url}/ping/notes`, { method: "POST" })).toMatchObject({ status: 404 });
  node.process().kill("SIGTERM");
  await until(() => node.process().exitCode !== null, { what: "healq ends" });
  const up = packagesLoaded(ofNode);
  for (const needed of ["bullmq", "ioredis", "pino"]) expect(up).toContain(needed);
  for (const late of ofThePage) expect(up).not.toContain(late);
});
