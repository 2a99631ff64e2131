import { readFileSync, writeFileSync } from "node:fs";
import { expect, it } from "vitest";
import { makeNode, withoutWeb } from "../support/node.ts";
import { until } from "../support/wait.ts";

const worker = { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" };

it("`up --detach` returns when it is ready; `down` leaves the processes, the next `up` adopts them, `down --workers` ends them, also then", async () => {
  const node = makeNode({ targets: { worker } });
  const first = await node.healq("up", "--detach", ...withoutWeb, "--json");
  expect([first.code, first.stderr]).toEqual([0, ""]);
  const { pid, log } = JSON.parse(first.stdout);
  const running = await until(() => node.pid("worker"), { what: "the worker's pid" });

  const second = await node.healq("up", "--detach", ...withoutWeb);
  expect([second.code, second.stdout]).toEqual([2, ""]);
  expect(second.stderr).toContain(`as pid ${pid};`);
  expect(log).toBe(`${node.stateDir}/logs/healq.log`);

  const down = await node.healq("down", "--json");
  expect(down.code).toBe(0);
  expect(JSON.parse(down.stdout)).toMatchObject({
    stopped: pid,
    processes: [{ target: "worker", pid: running }],
  });
  expect((await node.healq("status")).code).toBe(1);

  const again = await node.healq("up", "--detach", ...withoutWeb);
  expect([again.code, again.stdout]).toEqual([
    0,
    expect.stringMatching(
      new RegExp(`^healq runs test as pid \\d+\\n {2}look: healq status -c ${node.configFile}\\n`),
    ),
  ]);
  expect(node.pid("worker")).toBe(running);
  expect((await node.healq("down")).stdout).toContain(`still running: worker (pid ${running})`);

  const end = await node.healq("down", "--workers");
  expect(end).toMatchObject({ code: 0, stdout: "healq is not running here\n", stderr: "stopping worker\n" });
  expect(node.pid("worker")).toBeUndefined();
  // Nobody was there to tell the record; the next healq will.
  expect(readFileSync(`${node.stateDir}/journal.jsonl`, "utf8")).toContain(
    `"event":"target.stopped","target":"worker","action":"stop","reason":"healq down --workers: pid ${running} ended by`,
  );
});

it("`up --detach` that fails shows the last of what it wrote", async () => {
  const node = makeNode({ targets: {} });
  // A file in the place of a folder: the private Redis cannot be set up.
  await node.healq("pause");
  writeFileSync(`${node.stateDir}/redis`, "in the way");
  const { code, stdout, stderr } = await node.healq("up", "--detach", ...withoutWeb);
  expect([code === 0, stdout]).toEqual([false, ""]);
  expect(stderr).toMatch(/^healq: healq ended with code \d while it started; it wrote:\n {2}\S/);
});
