import { expect, test } from "vitest";
import { healqProgram } from "../support/node.ts";
import { until } from "../support/wait.ts";
import { startWebNode } from "../support/web-node.ts";
import { ask } from "../web/ask.ts";

test("a program that stops calling is restarted by way of its heartbeat, and its first call proves the cure", async () => {
  // It calls once, and is silent from then on.
  const program = `"$0" "$1" ping calls --config "$2" && sleep 300`;
  const healq = [process.execPath, healqProgram];
  const { node, url } = await startWebNode({
    defaults: { every: "1s", backoff: { delay: "100ms" } },
    targets: {
      importer: { kind: "process", run: ["sh", "-c", program, ...healq, "healq.yaml"], startGrace: "0s" },
      calls: { kind: "heartbeat", period: "1s", grace: "1s", target: "importer" },
    },
  });
  const event = async (name: string) => (await node.audit("calls")).find((entry) => entry.event === name);
  await until(async () => /^called /.test((await node.status("calls")).message), {
    within: 20_000,
    what: "the first call was heard",
  });
  await until(() => event("heal.succeeded"), {
    within: 20_000,
    what: "the importer was restarted and called again",
  });
  expect(await event("incident.opened")).toMatchObject({ symptom: "heartbeat.late" });
  expect((await node.audit("importer")).map((entry) => entry.event)).toContain("heal.succeeded");

  // What other programs do, and what a person sees.
  const printed = await node.healq("ping", "calls", "--url");
  const { pathname, search } = new URL(printed.stdout);
  expect(await ask(`${url}${pathname}${search}`, { method: "POST" })).toMatchObject({ status: 200 });
  expect(await node.healq("check", "calls")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("called "),
  });
  expect(await node.healq("ping", "importer")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("importer is no heartbeat but a process"),
  });
});
