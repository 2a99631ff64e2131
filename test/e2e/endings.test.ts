import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { StatusView } from "../../src/views/status.ts";
import { makeNode, startNode } from "../support/node.ts";
import { auditOf, eventsOf, linesOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";
import {
  alone,
  clock,
  copiesOf,
  lives,
  looks,
  processesOf,
  startsOf,
  stays,
  worker,
} from "../support/worker.ts";

const defaults = {
  every: "1s",
  probation: "1s",
  backoff: { delay: "50ms", max: "100ms" },
  budget: { max: 2, per: "5m" },
};
const quick = { stableFor: "200ms" };

test("`restart`, `exitCodes` and a command that is not there decide what an ending means, and nothing is started in a hot loop", async () => {
  const targets = {
    clock,
    finished: worker("finished", "exit 5", { ...quick, restart: "on-failure", exitCodes: [0, 5] }),
    failed: worker("failed", `[ -e failed.once ] || { touch failed.once; exit 3; }\n${stays}`, {
      ...quick,
      restart: "on-failure",
    }),
    never: worker("never", "exit 3", { ...quick, restart: "never" }),
    // A job that does its work and ends, without the word that it may.
    always: worker("always", "exit 0", quick),
    typo: { kind: "process", run: ["no-such-program", "--fast"] },
    nowhere: { kind: "process", run: ["sleep", "1000"], cwd: "nowhere" },
    cure: { kind: "command", run: ["sh", "-c", "exit 2"], heal: [{ exec: ["no-such-cure"] }] },
    unfit: { kind: "command", run: ["sh", "-c", "exit 2"], heal: [{ exec: ["./script"] }] },
    found: {
      kind: "process",
      pidFile: "none.pid",
      start: ["no-such-start"],
      stop: ["true"],
    },
    // The shell ends, what it started goes on.
    daemon: worker("daemon", `(${stays}) &`, quick),
  };
  const node = makeNode({ defaults, limits: { maxUnhealthy: "100%" }, targets });
  writeFileSync(node.path("script"), "#!/no/such/interpreter\n", { mode: 0o755 });
  await node.up();
  const hopeless = ["typo", "daemon", "always", "nowhere", "cure", "unfit", "found"];
  await until(() => hopeless.every((id) => shownOf(node, id)?.phase === "gave-up"), { within: 20_000 });
  await until(() => eventsOf(node, "failed")["incident.resolved"], { within: 10_000 });
  await looks(node, 2);

  // One command for all of them.
  const view: StatusView = JSON.parse((await node.healq("status", "--json")).stdout);
  const statusOf = (id: string) => view.targets.find((each) => each.id === id);
  expect(statusOf("finished")).toMatchObject({
    status: "ok",
    state: "exited",
    message: "finished with code 5",
  });
  expect(startsOf(node, "finished")).toHaveLength(1);
  expect(statusOf("failed")).toMatchObject({
    status: "ok",
    state: "running",
    heals: { ok: 1, failed: 0 },
  });
  expect(startsOf(node, "failed")).toHaveLength(2);
  expect(statusOf("never")).toMatchObject({ status: "critical", state: "crashed" });
  expect(statusOf("never")?.message).toContain("dead: exited with code 3");
  expect(startsOf(node, "never")).toHaveLength(1);

  // Never started at all, and tried no more often than the budget allows.
  expect(eventsOf(node, "typo")).toMatchObject({ "heal.started": 2, "incident.opened": 1 });
  expect(eventsOf(node, "typo")["heal.succeeded"]).toBeUndefined();
  const opened = auditOf(node, "typo").find(({ event }) => event === "incident.opened");
  expect(opened?.reason).toContain("did not start: command not found: no-such-program");
  const checked = JSON.parse((await node.healq("check", "typo", "--json")).stdout);
  expect(checked.observations[0]).toMatchObject({
    status: "critical",
    findings: [{ symptom: "process.dead", message: "did not start: command not found: no-such-program" }],
  });

  const gaveUp = (id: string) => auditOf(node, id).find(({ event }) => event === "incident.gave-up")?.reason;
  for (const id of hopeless)
    expect(eventsOf(node, id)).toMatchObject({ "heal.started": 2, "incident.gave-up": 1 });
  expect(statusOf("always")?.message).toContain(
    "dead: exited with code 0; if it may end, give it `restart: on-failure`",
  );
  expect(statusOf("nowhere")?.message).toContain(
    `did not start: the working folder is missing: ${node.path("nowhere")}`,
  );
  // What the fault does not say, healq says when it gives up, and so does whoever is called.
  expect(gaveUp("cure")).toMatch(/; the last try failed: command not found: no-such-cure$/);
  expect(gaveUp("unfit")).toMatch(
    /\.\/script could not be started: the interpreter in its first line is missing$/,
  );
  expect(gaveUp("found")).toMatch(/; the last try failed: command not found: no-such-start$/);
  expect(gaveUp("typo")).not.toContain("the last try");

  expect(auditOf(node, "daemon").find(({ event }) => event === "incident.opened")?.reason).toContain(
    "it put itself in the background; run it in the foreground",
  );
  expect(startsOf(node, "daemon")).toHaveLength(3);
});

test("what a dead leader left running is ended before the new start, and a worker that ignores SIGTERM is killed after `stop.timeout`", async () => {
  const node = await startNode({
    defaults,
    targets: {
      // Each start notes if anything of the one before is left.
      leader: worker(
        "leader",
        alone("leader", "(trap '' TERM; while :; do sleep 0.1; done) &\nsleep 1000 &\nwait"),
        { ...quick, stop: { timeout: "1500ms" } },
      ),
      stubborn: worker("stubborn", "trap '' TERM\nwhile :; do sleep 0.1; done", {
        ...quick,
        stop: { timeout: "700ms" },
      }),
    },
  });
  await until(() => ["leader", "stubborn"].every((id) => shownOf(node, id)?.status === "ok"), {
    within: 15_000,
  });
  const [leader] = copiesOf(node, "leader");
  const followers = processesOf(node, "leader").filter((pid) => pid !== leader);
  expect(followers.length).toBeGreaterThanOrEqual(2);
  process.kill(leader ?? 0, "SIGKILL");
  await until(() => eventsOf(node, "leader")["incident.resolved"], { within: 20_000 });
  expect(startsOf(node, "leader")).toHaveLength(2);
  expect(followers.filter(lives)).toEqual([]);

  // A person's restart: the leader is gone at once, its group only after the timeout. What the ticks see then is no fault.
  expect(await node.healq("restart", "leader")).toMatchObject({ code: 0 });
  expect(startsOf(node, "leader")).toHaveLength(3);
  expect(linesOf(node.path("leader.overlaps"))).toEqual([]);
  expect(eventsOf(node, "leader")).toMatchObject({ "incident.opened": 1, "heal.started": 1 });

  const [old] = copiesOf(node, "stubborn");
  const asked = performance.now();
  const restarted = await node.healq("restart", "stubborn");
  expect(restarted).toMatchObject({ code: 0 });
  expect(performance.now() - asked).toBeGreaterThan(700);
  expect(lives(old ?? 0)).toBe(false);
  expect(copiesOf(node, "stubborn")).toEqual([startsOf(node, "stubborn")[1]?.pid]);
  const told = await until(() =>
    auditOf(node, "stubborn").find(({ event, action }) => event === "target.started" && action === "restart"),
  );
  expect(told.details).toMatchObject({ oldPid: old, endedBy: "SIGKILL" });
});
