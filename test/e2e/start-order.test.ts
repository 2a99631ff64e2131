import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { auditOf, eventsOf, linesOf, shownOf } from "../support/record.ts";
import { told, untilShown } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { clock, copiesOf, looks, startsOf, stays, worker } from "../support/worker.ts";

test("needs are started first, dependants once their need is ok, and one whose need never gets ok waits and says so", async () => {
  const output = (id: string) => ({ output: { path: `${id}.out`, maxAge: "60s" }, startGrace: "60s" });
  const node = await startNode({
    // Nobody waits for a tick.
    defaults: { every: "1h" },
    targets: {
      clock: { ...clock, every: "1s" },
      // In the file dependants come first.
      late: worker("late", stays, { stableFor: "200ms", needs: ["never"] }),
      app: worker("app", stays, { stableFor: "200ms", needs: ["base"] }),
      base: worker("base", `sleep 1.5\ndate +%s%3N >>base.out\n${stays}`, output("base")),
      never: worker("never", stays, output("never")),
    },
  });
  const app = await until(() => startsOf(node, "app")[0], { within: 20_000 });
  // Not merely after `base` was started: after it had shown that it works.
  expect(app.at).toBeGreaterThan(Number(linesOf(node.path("base.out"))[0]));
  expect(["base", "app"].map((id) => startsOf(node, id).length)).toEqual([1, 1]);
  await looks(node, 2);
  expect(await node.status("late")).toMatchObject({
    status: "unknown",
    state: "starting",
    message: "waits for its needs: never",
    pid: null,
  });
  expect(startsOf(node, "late")).toEqual([]);
  const events = ["base", "app", "never", "late"].flatMap((id) => auditOf(node, id));
  expect(events.filter(({ event }) => event.startsWith("incident.") || event.startsWith("heal."))).toEqual(
    [],
  );

  writeFileSync(node.path("never.out"), "");
  await until(() => shownOf(node, "late")?.status === "ok", { within: 15_000 });
  expect(copiesOf(node, "late")).toEqual([startsOf(node, "late")[0]?.pid]);
  expect(eventsOf(node, "late")).toMatchObject({ "target.started": 1 });
});

test("a file whose producer is being started at the first start opens no incident", async () => {
  const node = await startNode({
    defaults: { every: "1s" },
    targets: {
      out: { kind: "file", path: "out", maxAge: "10s", producer: "writer" },
      writer: {
        kind: "process",
        run: ["sh", "-c", "sleep 2; while :; do date > out; sleep 0.5; done"],
        output: { path: "out", maxAge: "10s" },
      },
    },
  });
  await untilShown(node, ["out", "writer"]);
  expect(told(node, "out", "check.changed").length).toBeGreaterThan(0);
  expect(told(node, "out", "incident.opened")).toEqual([]);
  expect(told(node, "out", "heal.skipped")).toEqual([]);
});
