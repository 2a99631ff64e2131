import { expect, test } from "vitest";
import { makeNode, startNode } from "../support/node.ts";
import { auditOf, eventsOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";
import { copiesOf, lives, startsOf, stays, worker } from "../support/worker.ts";

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

test("a death that a look comes too early for is not lost: the one that verifies a heal, or the one after its job", async () => {
  // Of the looks after the first death: during which the second start is killed. Its health is answered only afterwards.
  const ids = { verifying: 1, after: 2 };
  const urls = await Promise.all(
    Object.entries(ids).map(async ([id, fatal]) => {
      let asked = 0;
      const { url } = await serve(async (_request, response) => {
        const [first] = startsOf(node, id);
        if (first !== undefined && !lives(first.pid)) asked += 1;
        if (asked === fatal && eventsOf(node, id)["target.exited"] === 1) {
          const second = await until(() => startsOf(node, id)[1]);
          process.kill(second.pid, "SIGKILL");
          await until(() => eventsOf(node, id)["target.exited"] === 2, { within: 8_000 });
        }
        response.end("well");
      });
      return [id, url] as const;
    }),
  );
  const node = makeNode({
    defaults: { ...defaults, timeout: "20s" },
    targets: Object.fromEntries(urls.map(([id, health]) => [id, worker(id, stays, { ...options, health })])),
  });
  await node.up();
  for (const id of Object.keys(ids)) {
    await until(() => shownOf(node, id)?.status === "ok", { within: 15_000 });
    process.kill(startsOf(node, id)[0]?.pid ?? 0, "SIGKILL");
    await until(() => eventsOf(node, id)["heal.succeeded"] === 2, {
      within: 15_000,
      what: `${id} is healed once more`,
    });
    expect(eventsOf(node, id)).toMatchObject({
      "target.exited": 2,
      "incident.opened": 1,
      "heal.started": 2,
      "heal.failed": 1,
    });
    const third = await until(() => startsOf(node, id)[2]);
    expect(copiesOf(node, id)).toEqual([third.pid]);
  }
});
