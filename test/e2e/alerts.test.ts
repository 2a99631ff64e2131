import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { told, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

test("an incident calls people once when it opens and once when it is over, each channel from its own severity", async () => {
  const posted: { text: string; target: string; event: string; severity: string }[] = [];
  const { url } = await serve((request, response) => {
    let body = "";
    request.on("data", (bytes) => (body += bytes));
    request.on("end", () => {
      posted.push(JSON.parse(body));
      response.end();
    });
  });
  const node = await startNode(
    {
      defaults: { every: "1s", probation: "1s", attempts: 1 },
      alerts: {
        hook: { channel: "webhook", url, from: "info" },
        script: { channel: "command", run: ["sh", "-c", 'cat >> alerts; echo "$HEALQ_ALERT_TEXT" >> texts'] },
        pager: { channel: "command", run: ["sh", "-c", "cat >> pages"], from: "critical" },
      },
      targets: {
        flag: { kind: "file", path: "flag", heal: [{ alert: "put the flag back" }], critical: true },
        minor: { kind: "command", run: ["sh", "-c", "test -e flag || exit 1"] },
      },
    },
    { files: { flag: "" } },
  );
  await until(async () => (await node.status("flag")).status === "ok", { within: 15_000 });
  expect(posted).toEqual([]);
  rmSync(node.path("flag"));
  await untilTold(node, "flag", "heal.failed");
  await untilTold(node, "minor", "incident.opened");
  writeFileSync(node.path("flag"), "");
  await untilTold(node, "flag", "incident.resolved");
  await untilTold(node, "minor", "incident.resolved");
  await until(() => posted.length >= 5, { within: 15_000, what: "all alerts are posted" });

  const of = (list: readonly { target: string; event: string; severity: string }[]) =>
    list.map(({ target, event, severity }) => `${target} ${event} ${severity}`).sort();
  const opened = [
    "flag incident.opened critical",
    "flag remedy.alert critical",
    "minor incident.opened warning",
  ];
  expect(of(posted)).toEqual(
    [...opened, "flag incident.resolved info", "minor incident.resolved info"].sort(),
  );
  expect(posted.find(({ event }) => event === "remedy.alert")).toMatchObject({
    message: "put the flag back",
    node: "test",
    critical: true,
    incident: told(node, "flag", "incident.opened")[0]?.incident,
  });
  const lines = (name: string) => readFileSync(node.path(name), "utf8").split("\n").filter(Boolean);
  const read = (name: string) => lines(name).map((line) => JSON.parse(line));
  await until(() => lines("texts").length >= 3 && lines("pages").length >= 2, { what: "the commands ran" });
  expect(of(read("alerts"))).toEqual(opened);
  expect(of(read("pages"))).toEqual(opened.slice(0, 2));
  expect(lines("texts").join("\n")).toContain("put the flag back");
  await untilTold(node, "flag", "alert.sent", { times: 3 + 2 + 2 });
});
