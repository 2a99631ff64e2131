import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { auditOf, eventsOf, linesOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { clock, looks, startsOf, worker } from "../support/worker.ts";

/** A node whose alerts are lines of the file `alerts`. */
const alerts = {
  file: {
    channel: "command",
    from: "warning",
    run: ["sh", "-c", 'echo "$HEALQ_ALERT_EVENT $HEALQ_ALERT_TARGET" >>alerts'],
  },
};

test("a worker that exits at once gets exactly its budget, then one try per cooldown, and people are called once", async () => {
  const budget = { max: 5, per: "5m" };
  const node = await startNode({
    alerts,
    defaults: { every: "1s", backoff: { delay: "50ms", max: "100ms" } },
    targets: {
      clock,
      broken: worker("broken", "exit 3", { budget, breaker: { failures: 9, cooldown: "4s" } }),
    },
  });
  await until(() => shownOf(node, "broken")?.state === "max_restarts", { within: 30_000 });
  const tried = () => auditOf(node, "broken").filter(({ event }) => event === "heal.started").length;
  await until(() => tried() > budget.max, { within: 15_000 });
  await looks(node, 1);

  const gaveUp = auditOf(node, "broken").find(({ event }) => event === "incident.gave-up");
  expect(gaveUp?.reason).toMatch(/^gave up: 5 applications within 5m; tries once more at /);
  const over = Date.parse(gaveUp?.at ?? "") + 4_000;
  const starts = startsOf(node, "broken").map(({ at }) => at);
  // The start when healq came up costs no budget.
  expect(starts.filter((at) => at < over)).toHaveLength(1 + budget.max);
  const later = starts.filter((at) => at >= over);
  expect(later.length).toBeGreaterThan(0);
  expect(later.slice(1).every((at, i) => at - (later[i] ?? at) >= 4_000)).toBe(true);

  const { incident } = await node.status("broken");
  const shown = JSON.parse((await node.healq("incident", incident ?? "", "--json")).stdout);
  expect(shown).toMatchObject({ state: "gave-up" });
  expect(eventsOf(node, "broken")).toMatchObject({ "incident.opened": 1, "incident.gave-up": 1 });
  expect(linesOf(node.path("alerts"))).toEqual(["incident.opened broken", "incident.gave-up broken"]);
});

test("a worker that dies soon after each verified start is one incident, and the breaker opens", async () => {
  const node = await startNode({
    defaults: { every: "1s", probation: "20s", backoff: { delay: "50ms", max: "100ms" } },
    targets: {
      fragile: worker("fragile", "sleep 1.5; exit 1", {
        stableFor: "400ms",
        budget: { max: 20, per: "5m" },
        breaker: { failures: 3, cooldown: "5m" },
      }),
    },
  });
  await until(() => eventsOf(node, "fragile")["breaker.opened"], { within: 40_000 });
  await until(() => shownOf(node, "fragile")?.state === "max_restarts");
  expect(eventsOf(node, "fragile")).toMatchObject({
    "incident.opened": 1,
    "heal.started": 3,
    "heal.succeeded": 3,
    "heal.failed": 3,
    "breaker.opened": 1,
    "incident.gave-up": 1,
    "target.exited": 4,
  });
  const incidents = new Set(auditOf(node, "fragile").flatMap(({ incident }) => incident ?? []));
  expect(incidents.size).toBe(1);
  const failed = auditOf(node, "fragile").filter(({ event }) => event === "heal.failed");
  expect(failed.map(({ reason }) => reason)).toEqual(
    Array(3).fill("trouble again within probation: dead: exited with code 1"),
  );
  expect(startsOf(node, "fragile")).toHaveLength(4);
});
