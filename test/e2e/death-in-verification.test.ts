import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { auditOf, eventsOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { copiesOf, startsOf, stays, worker } from "../support/worker.ts";

/** Its second start dies while it is verified, its third after so many seconds, the ones after that stay. */
function dies(id: string, after: number): string {
  return `case $(wc -l <${id}.starts) in 2) sleep 0.1; exit 2;; 3) sleep ${after}; exit 3;; esac\n${stays}`;
}

test("a death during the verification, right after it, or before the heal's job ends is told and cured, without any tick", async () => {
  // Alive for 0.3 s is verified: the third start dies a little before, at, and after that.
  const ids = [0.28, 0.3, 0.31, 0.32, 0.34, 0.38].map((after) => ({ id: `at-${after * 1_000}`, after }));
  const options = { stableFor: "300ms", breaker: { failures: 9 }, budget: { max: 9 } };
  const node = await startNode({
    // The tick is five minutes away.
    defaults: { every: "300s", probation: "1s", backoff: { delay: "50ms", max: "100ms" } },
    targets: Object.fromEntries(ids.map(({ id, after }) => [id, worker(id, dies(id, after), options)])),
  });
  await until(() => ids.every(({ id }) => shownOf(node, id)?.status === "ok"), { within: 20_000 });
  for (const { id } of ids) process.kill(copiesOf(node, id)[0] ?? 0, "SIGKILL");
  await until(() => ids.every(({ id }) => eventsOf(node, id)["incident.resolved"]), {
    within: 40_000,
    what: "all are well again",
  });
  for (const { id } of ids) {
    const exits = auditOf(node, id).filter(({ event }) => event === "target.exited");
    expect([id, exits.map(({ reason }) => reason)]).toEqual([
      id,
      ["killed by SIGKILL", "exited with code 2", "exited with code 3"],
    ]);
    expect(eventsOf(node, id)).toMatchObject({
      "incident.opened": 1,
      "incident.resolved": 1,
      "heal.started": 3,
    });
    expect(copiesOf(node, id)).toEqual([startsOf(node, id)[3]?.pid]);
  }
});
