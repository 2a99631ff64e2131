import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { auditOf, eventsOf, linesOf, shownOf, stageOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { alone, clock, copiesOf, lives, looks, startsOf, worker } from "../support/worker.ts";

test("what a person stopped stays stopped over ticks, heals and a restart of healq, until it is started", async () => {
  const quick = { stableFor: "200ms" };
  const node = await startNode({
    defaults: { every: "1s", probation: "1s", backoff: { delay: "50ms", max: "100ms" } },
    targets: {
      clock,
      writer: worker("writer", alone("writer", "while :; do touch written; sleep 0.2; done"), quick),
      // Goes stale and is the writer's to cure.
      written: {
        kind: "file",
        path: "written",
        maxAge: "2s",
        producer: "writer",
        attempts: 1,
      },
    },
  });
  await until(() => shownOf(node, "writer")?.status === "ok", { within: 15_000 });
  const [first] = copiesOf(node, "writer");

  expect(await node.healq("stop", "writer")).toMatchObject({ code: 0 });
  const starts = startsOf(node, "writer").length;
  expect(copiesOf(node, "writer")).toEqual([]);
  expect(lives(first ?? 0)).toBe(false);
  // The stale file is the writer's to cure, which nobody wants to run: it is blocked, and spends nothing.
  await until(() => shownOf(node, "written")?.phase === "blocked", { within: 20_000 });
  expect(await node.status("written")).toMatchObject({ message: expect.any(String), heals: { failed: 0 } });
  const why = (await node.healq("heal", "written", "--force", "--json")).stdout;
  expect(why).toMatch(/"outcome":\s*"skipped"/);
  expect(why).toContain("writer was stopped by");
  const forced = await node.healq("heal", "writer", "--force", "--json");
  expect(forced.code).toBe(1);
  expect(forced.stdout).toContain("was stopped by");
  await looks(node, 2);
  expect(await node.status("writer")).toMatchObject({ phase: "stopped", state: "stopped", incident: null });

  expect(await node.healq("down")).toMatchObject({ code: 0 });
  await node.up();
  await looks(node, 2);
  expect(await node.status("writer")).toMatchObject({ phase: "stopped", state: "stopped", incident: null });
  expect(startsOf(node, "writer")).toHaveLength(starts);

  expect(await node.healq("start", "writer")).toMatchObject({ code: 0 });
  const [second] = copiesOf(node, "writer");
  expect(startsOf(node, "writer").at(-1)?.pid).toBe(second);
  await until(() => shownOf(node, "writer")?.phase === "watching");
  // Two at once are one after the other.
  const restarts = await Promise.all([1, 2].map(() => node.healq("restart", "writer")));
  expect(restarts).toMatchObject([{ code: 0 }, { code: 0 }]);
  expect(linesOf(node.path("writer.overlaps"))).toEqual([]);
  expect(startsOf(node, "writer")).toHaveLength(starts + 3);
  const [third] = copiesOf(node, "writer");
  expect(lives(second ?? 0)).toBe(false);
  expect(copiesOf(node, "writer")).toEqual([startsOf(node, "writer").at(-1)?.pid]);
  expect(third).not.toBe(second);
  expect(eventsOf(node, "writer")).toMatchObject({ "target.stopped": 1 });
  expect(eventsOf(node, "writer")["incident.opened"]).toBeUndefined();
});

test("`stop` interrupts a heal that is verifying, and ends what it started", async () => {
  const node = await startNode({
    defaults: { every: "1s" },
    targets: {
      clock,
      // Shows that it works only while the file `works` is there.
      mute: worker("mute", "while :; do [ -e works ] && touch mute.out; sleep 0.1; done", {
        output: { path: "mute.out", maxAge: "60s" },
        startGrace: "1s",
      }),
    },
  });
  const first = await until(() => copiesOf(node, "mute")[0]);
  process.kill(first, "SIGKILL");
  await until(() => startsOf(node, "mute").length === 2 && stageOf(node, "mute") === undefined, {
    within: 10_000,
  });
  const asked = performance.now();
  expect(await node.healq("stop", "mute")).toMatchObject({ code: 0 });
  expect(performance.now() - asked).toBeLessThan(20_000);
  expect(copiesOf(node, "mute")).toEqual([]);
  const skipped = await until(() => auditOf(node, "mute").find(({ event }) => event === "heal.skipped"));
  expect(skipped.reason).toContain("stopped it");
  await looks(node, 2);
  expect(await node.status("mute")).toMatchObject({ phase: "stopped", state: "stopped" });
  expect(startsOf(node, "mute")).toHaveLength(2);
  expect(eventsOf(node, "mute")["heal.failed"]).toBeUndefined();

  writeFileSync(node.path("works"), "");
  expect(await node.healq("start", "mute")).toMatchObject({ code: 0 });
  await until(() => shownOf(node, "mute")?.status === "ok", { within: 10_000 });
});
