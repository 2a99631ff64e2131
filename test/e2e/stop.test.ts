import { existsSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { makeNode, startNode } from "../support/node.ts";
import { until } from "../support/wait.ts";

const patient = { within: 20_000 };

/** Writes its output only while the file `go` is there. */
const hesitant = `
import { existsSync, writeFileSync } from "node:fs";
setInterval(() => { if (existsSync("go")) writeFileSync("out", String(Date.now())); }, 50);
`;

test("a heal that is verifying when healq stops is handed back, and finished by the next healq without a second restart", async () => {
  const worker = {
    kind: "process",
    run: [process.execPath, "worker.mjs"],
    output: { path: "out", maxAge: "30s" },
    startGrace: "1s",
  };
  const node = makeNode(
    { defaults: { every: "1s", probation: "1s" }, targets: { worker } },
    { files: { "worker.mjs": hesitant, go: "" } },
  );
  await node.up();
  const first = await until(() => node.pid("worker"), patient);
  await until(async () => (await node.status("worker")).status === "ok", { ...patient, what: "it works" });

  rmSync(node.path("go"));
  process.kill(first, "SIGKILL");
  const second = await until(() => node.pid("worker") !== first && node.pid("worker"), patient);
  const began = performance.now();
  const down = await node.healq("down");
  const tookMs = performance.now() - began;
  expect(down.code, down.stderr).toBe(0);
  expect(tookMs).toBeLessThan(10_000);

  await node.up();
  writeFileSync(node.path("go"), "");
  const healed = () =>
    node.audit("worker").then((all) => all.find(({ event }) => event === "heal.succeeded"));
  const succeeded = await until(healed, { ...patient, what: "the heal is finished" });
  expect(succeeded).toMatchObject({ action: "restart", symptom: "process.dead" });
  expect(node.pid("worker")).toBe(second);
  const started = (await node.audit("worker")).filter(({ event }) => event === "heal.started");
  expect(started).toHaveLength(1);
  expect(started[0]?.job).toBe(succeeded.job);
});

test("with one slot for remedies, a stale file's heal does not keep its producer's heal from running", async () => {
  const writer = `
import { writeFileSync } from "node:fs";
writeFileSync("data", String(process.pid));
`;
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    limits: { concurrency: 1 },
    targets: {
      writer: {
        kind: "process",
        run: [process.execPath, "--input-type=module", "-e", `${writer} setInterval(() => {}, 1000);`],
      },
      data: { kind: "file", path: "data", maxAge: "4s", producer: "writer" },
    },
  });
  const first = await until(() => node.pid("writer"), patient);
  await until(() => existsSync(node.path("data")), patient);
  await until(() => node.pid("writer") !== undefined && node.pid("writer") !== first, {
    ...patient,
    what: "the producer of the stale file is restarted",
  });
  const healed = () => node.audit("data").then((all) => all.find(({ event }) => event === "heal.succeeded"));
  expect(await until(healed, { ...patient, what: "the file is healed" })).toMatchObject({
    action: "producer",
  });
});
