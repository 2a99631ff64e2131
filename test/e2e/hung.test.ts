import { statSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { auditOf, eventsOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import { copiesOf, lives, startsOf, worker } from "../support/worker.ts";

const writes = (id: string) => `while :; do echo $$ >${id}.out; sleep 0.2; done`;
const watched = (id: string) => ({ output: { path: `${id}.out`, maxAge: "2s" }, startGrace: "1s" });

test("a process that is stopped, and one that lives but no longer writes, are seen, restarted and write again", async () => {
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    targets: {
      stopped: worker("stopped", writes("stopped"), watched("stopped")),
      // It ends its work at the signal, and lives.
      idle: worker("idle", `trap 'while :; do sleep 0.2; done' USR1\n${writes("idle")}`, watched("idle")),
    },
  });
  const ids = ["stopped", "idle"];
  await until(() => ids.every((id) => shownOf(node, id)?.status === "ok"), { within: 15_000 });
  const [stopped = 0, idle = 0] = ids.flatMap((id) => startsOf(node, id).map(({ pid }) => pid));
  await until(() => Date.now() - (startsOf(node, "idle")[0]?.at ?? 0) > 1_000, { what: "the grace is over" });
  process.kill(stopped, "SIGSTOP");
  process.kill(idle, "SIGUSR1");
  await until(() => ids.every((id) => eventsOf(node, id)["incident.resolved"]), { within: 25_000 });

  for (const id of ids) {
    const told = auditOf(node, id).filter(({ event }) => event.startsWith("heal."));
    expect(told).toMatchObject([
      { event: "heal.started", symptom: "process.hung", action: "restart" },
      { event: "heal.succeeded", symptom: "process.hung", action: "restart" },
    ]);
    const starts = startsOf(node, id);
    expect(starts).toHaveLength(2);
    const [pid] = copiesOf(node, id);
    expect(copiesOf(node, id)).toEqual([starts[1]?.pid]);
    await until(() => shownOf(node, id)?.phase === "watching");
    expect(shownOf(node, id)).toMatchObject({ status: "ok", state: "running", pid });
    expect(statSync(node.path(`${id}.out`)).mtimeMs).toBeGreaterThan(starts[1]?.at ?? Infinity);
  }
  expect([stopped, idle].filter(lives)).toEqual([]);
  expect(auditOf(node, "stopped").find(({ event }) => event === "incident.opened")?.reason).toContain(
    "stopped by a signal (state T)",
  );
  expect(auditOf(node, "idle").find(({ event }) => event === "incident.opened")?.reason).toContain(
    "has not been written for",
  );
});
