import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { freePort } from "../support/free-port.ts";
import { startNode } from "../support/node.ts";
import { record, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

const defaults = { every: "1s", probation: "1s", backoff: { delay: "200ms" } };

test("an address that answers 500 is asked until it wakes; when that does not help, the target that serves it is healed", async () => {
  let bad = 2;
  const sleepy = await serve((request, response) => {
    // Looks ask with HEAD, the cure with GET.
    if (request.method === "GET") bad -= 1;
    response.writeHead(bad > 0 ? 503 : 200).end();
  });
  const port = await freePort();
  const script = `require("http").createServer((_, r) => r.writeHead(require("fs").existsSync("bad") ? 500 : 200).end()).listen(${port}, "127.0.0.1")`;
  const node = await startNode({
    defaults,
    targets: {
      sleepy: { kind: "http", url: sleepy.url, method: "HEAD" },
      server: {
        kind: "process",
        run: ["sh", "-c", `rm -f bad; exec '${process.execPath}' -e '${script}'`],
        stableFor: "200ms",
      },
      site: {
        kind: "http",
        url: `http://127.0.0.1:${port}/`,
        needs: ["server"],
        heal: [{ wake: { within: "1s" } }, { target: "server" }],
      },
    },
  });
  await untilShown(node, ["sleepy", "server", "site"], { status: "ok", phase: "watching", within: 30_000 });
  expect(told(node, "sleepy", "heal.succeeded")).toMatchObject([
    { symptom: "http.status", action: "wake", details: { questions: 2, status: 200 } },
  ]);

  // A server that was slow to listen had its site woken before; only what comes after the break counts.
  const before = record(node).length;
  const steps = () =>
    record(node)
      .slice(before)
      .filter(({ event }) => /^heal\.(started|succeeded|failed)$/.test(event))
      .map(({ target, event, action }) => `${target} ${event} ${action}`);
  writeFileSync(node.path("bad"), "");
  const cured = "site heal.succeeded target";
  await until(() => steps().includes(cured), { within: 20_000, what: "the site is cured" });
  expect(steps()).toEqual([
    "site heal.started wake",
    "site heal.started target",
    "server heal.started restart",
    "server heal.succeeded restart",
    cured,
  ]);
});

test("programs and signals cure as declared, and are told what is wrong", async () => {
  const node = await startNode({
    defaults,
    targets: {
      report: {
        kind: "file",
        path: "report",
        heal: [{ exec: ["sh", "-c", 'echo "$HEALQ_TARGET has $HEALQ_SYMPTOM" > report'] }],
      },
      writer: {
        kind: "process",
        run: ["sh", "-c", "trap 'rm -f hang' HUP; while :; do [ -e hang ] || date > beat; sleep 0.2; done"],
        heartbeat: { path: "beat", maxAge: "1s" },
        startGrace: "1s",
        heal: [{ signal: "SIGHUP" }, "restart"],
      },
      broken: {
        kind: "command",
        run: ["sh", "-c", "exit 2"],
        heal: [{ exec: ["sh", "-c", "echo no >&2; exit 3"] }],
        attempts: 1,
      },
    },
  });
  await untilTold(node, "report", "heal.succeeded");
  expect(readFileSync(node.path("report"), "utf8")).toBe("report has file.missing\n");
  const failed = await untilTold(node, "broken", "heal.failed");
  expect(failed).toMatchObject({ action: "exec", reason: expect.stringMatching(/3.*no/s) });

  await untilShown(node, ["writer"]);
  const pid = node.pid("writer");
  writeFileSync(node.path("hang"), "");
  const cured = await untilTold(node, "writer", "heal.succeeded");
  expect(cured).toMatchObject({
    symptom: "process.hung",
    action: "signal",
    details: { pid, signal: "SIGHUP" },
  });
  expect(node.pid("writer")).toBe(pid);
});
