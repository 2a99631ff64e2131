import { expect, test } from "vitest";
import { makeNode, startNode } from "../support/node.ts";
import { auditOf, eventsOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";
import { copiesOf, startsOf, stays, worker } from "../support/worker.ts";

/** Its second start dies while it is verified, its third after so many seconds, the ones after that stay. */
function dies(id: string, after: number): string {
  return `case $(wc -l <${id}.starts) in 2) sleep 0.1; exit 2;; 3) sleep ${after}; exit 3;; esac\n${stays}`;
}

const options = { breaker: { failures: 9 }, budget: { max: 9 } };
/** Neither a tick nor the end of a probation is near: nothing but the death itself and the heal's own looks can tell of it. */
const defaults = { every: "300s", probation: "120s", backoff: { delay: "50ms", max: "100ms" } };

test("a death during the verification or right after it is told and cured at once", async () => {
  // Alive for 0.3 s is verified: the third start dies a little before, at, and after that.
  const ids = [0.28, 0.3, 0.32, 0.35].map((after) => ({ id: `at-${after * 1_000}`, after }));
  const node = await startNode({
    defaults,
    targets: Object.fromEntries(
      ids.map(({ id, after }) => [id, worker(id, dies(id, after), { ...options, stableFor: "300ms" })]),
    ),
  });
  await until(() => ids.every(({ id }) => shownOf(node, id)?.status === "ok"), { within: 20_000 });
  for (const { id } of ids) process.kill(copiesOf(node, id)[0] ?? 0, "SIGKILL");
  const lastOfHeal = (id: string) =>
    auditOf(node, id).findLast(({ event }) => event.startsWith("heal."))?.event;
  await until(
    () => ids.every(({ id }) => startsOf(node, id).length === 4 && lastOfHeal(id) === "heal.succeeded"),
    { within: 40_000, what: "all are well again" },
  );
  for (const { id } of ids) {
    const exits = auditOf(node, id).filter(({ event }) => event === "target.exited");
    expect([id, exits.map(({ reason }) => reason)]).toEqual([
      id,
      ["killed by SIGKILL", "exited with code 2", "exited with code 3"],
    ]);
    expect(eventsOf(node, id)).toMatchObject({ "incident.opened": 1, "heal.started": 3 });
    expect(copiesOf(node, id)).toEqual([startsOf(node, id)[3]?.pid]);
  }
});

test("a death after the look that verifies a heal, and before the heal's job ends, is not lost", async () => {
  // The second start is killed while its health is being asked for; the answer comes when its death has been told.
  let killed = false;
  const { url } = await serve(async (_request, response) => {
    const [, second, third] = startsOf(node, "served");
    if (second !== undefined && third === undefined && !killed) {
      killed = true;
      process.kill(second.pid, "SIGKILL");
      await until(() => eventsOf(node, "served")["target.exited"] === 2, { within: 8_000 });
    }
    response.end("well");
  });
  const node = makeNode({
    defaults: { ...defaults, timeout: "10s" },
    targets: { served: worker("served", stays, { ...options, health: url }) },
  });
  await node.up();
  await until(() => shownOf(node, "served")?.status === "ok", { within: 15_000 });
  process.kill(startsOf(node, "served")[0]?.pid ?? 0, "SIGKILL");
  await until(() => startsOf(node, "served").length === 3, {
    within: 15_000,
    what: "it is started once more",
  });
  await until(() => eventsOf(node, "served")["heal.succeeded"] === 2, { within: 15_000 });
  expect(eventsOf(node, "served")).toMatchObject({
    "target.exited": 2,
    "incident.opened": 1,
    "heal.started": 2,
    "heal.failed": 1,
  });
  expect(copiesOf(node, "served")).toEqual([startsOf(node, "served")[2]?.pid]);
});
