import { readdirSync } from "node:fs";
import { createServer } from "node:net";
import { expect, test } from "vitest";
import { startNode, type WrittenConfig } from "../support/node.ts";
import { auditOf, linesOf, shownOf } from "../support/record.ts";
import { until } from "../support/wait.ts";

/**
 * Is well once `fixed.NAME` has been there for a second; its cure is in `applying.NAME` while it runs, and writes down how many
 * cures run at that moment.
 */
const slow = (name: string) => ({
  kind: "command",
  run: ["sh", "-c", `[ $(( $(date +%s%N) - $(cat fixed.${name} || date +%s%N) )) -gt 1000000000 ] || exit 2`],
  heal: [
    {
      exec: [
        "sh",
        "-c",
        `touch applying.${name}; ls | grep -c ^applying. >> seen; sleep 0.15; rm applying.${name}; date +%s%N > fixed.${name}`,
      ],
    },
  ],
});

const names = (count: number) => Array.from({ length: count }, (_, n) => `t${n}`);
const targets = (count: number, of: (name: string) => object): WrittenConfig["targets"] =>
  Object.fromEntries(names(count).map((name) => [name, of(name)]));

test("thirty that are cured at once, each slow to show it, wait for each other only while a cure is applied: never more than two", async () => {
  const node = await startNode({
    defaults: { every: "1h", probation: "1s", timeout: "10s" },
    limits: { concurrency: 2, maxUnhealthy: "100%" },
    targets: targets(30, slow),
  });
  const succeeded = () => auditOf(node).filter(({ event }) => event === "heal.succeeded");
  await until(() => succeeded().length >= 30, { within: 45_000, what: "all are cured" });
  expect(
    succeeded()
      .map(({ target }) => target)
      .sort(),
  ).toEqual(names(30).sort());
  const seen = linesOf(node.path("seen")).map(Number);
  expect(seen).toHaveLength(30);
  expect(Math.max(...seen)).toBe(2);
  // Verifying takes no slot: while one was being verified, others were cured.
  const first = succeeded()[0]?.at ?? "";
  expect(
    auditOf(node).filter(({ event, at }) => event === "heal.started" && at < first).length,
  ).toBeGreaterThan(2);
});

test("a cure that asks for another target's cure holds no slot meanwhile: with one slot both are cured", async () => {
  const node = await startNode({
    defaults: { every: "1h", probation: "1s" },
    limits: { concurrency: 1 },
    targets: {
      patient: {
        ...slow("patient"),
        run: ["sh", "-c", "test -e fixed.doctor || exit 2"],
        heal: [{ target: "doctor" }],
      },
      doctor: { ...slow("doctor"), run: ["sh", "-c", "test -e fixed.doctor || exit 2"], needs: [] },
    },
  });
  for (const target of ["patient", "doctor"])
    await until(() => shownOf(node, target)?.status === "ok" && shownOf(node, target)?.phase === "watching", {
      within: 20_000,
      what: `${target} is well`,
    });
  expect(linesOf(node.path("seen"))).toHaveLength(1);
  expect((await node.audit("doctor")).filter(({ event }) => event === "heal.started")).toHaveLength(1);
});

test("of two hundred that fail at once no more are cured in a window than allowed; the others wait without a heal each tick, and follow", async () => {
  const count = 200;
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    limits: { heals: { max: 80, per: "2s" }, maxUnhealthy: "100%" },
    alerts: {},
    targets: targets(count, (name) => ({ kind: "file", path: `made/${name}`, create: { content: "x" } })),
  });
  const made = () => readdirSync(node.path("made")).length;
  await until(() => made() === count, { within: 40_000, what: "all are there" });
  await until(() => auditOf(node).filter(({ event }) => event === "heal.succeeded").length === count, {
    within: 10_000,
  });
  const times = auditOf(node)
    .filter(({ event }) => event === "heal.started")
    .map(({ at }) => Date.parse(at))
    .sort((a, b) => a - b);
  expect(times).toHaveLength(count);
  // Charged a moment before it is written down: two windows may seem to come closer by as much as the machine is busy.
  for (let n = 80; n < count; n += 1) expect((times[n] ?? 0) - (times[n - 80] ?? 0)).toBeGreaterThan(1_000);
  const skipped = auditOf(node).filter(({ event }) => event === "heal.skipped");
  for (const { reason } of skipped) expect(reason).toMatch(/^limits\.heals: /);
  // Those of one batch, decided on before the first was charged; it was hundreds, some at every tick.
  expect(skipped.length).toBeLessThan(count);
});

test("when most of the node looks sick, what was inferred is not healed and people are called once; what was seen is healed", async () => {
  const port = await freePort();
  const down = {
    kind: "http",
    url: `http://127.0.0.1:${port}/`,
    heal: [{ exec: ["sh", "-c", "echo x >> healed"] }],
  };
  const node = await startNode({
    defaults: { every: "1s", probation: "1s" },
    alerts: {
      people: {
        channel: "command",
        run: ["sh", "-c", 'echo "$HEALQ_ALERT_EVENT $HEALQ_ALERT_TARGET" >> called'],
      },
    },
    targets: {
      ...targets(6, () => down),
      worker: { kind: "process", run: ["sleep", "1000"], stableFor: "200ms" },
    },
  });
  const before = await until(
    () => (shownOf(node, "worker")?.status === "ok" ? node.pid("worker") : undefined),
    {
      within: 15_000,
    },
  );
  const called = () => linesOf(node.path("called")).filter((line) => line.startsWith("blast-radius"));
  await until(() => called().length >= 6, { within: 15_000, what: "people are called" });
  process.kill(before, "SIGKILL");
  await until(() => auditOf(node, "worker").some(({ event }) => event === "heal.succeeded"), {
    within: 15_000,
    what: "the worker is healed",
  });
  const looked = async () => Date.parse((await node.status("t0")).lastCheck ?? "");
  const now = await looked();
  await until(async () => (await looked()) > now + 2_000, { within: 15_000, what: "more looks" });
  expect(called().sort()).toEqual(
    names(6)
      .map((name) => `blast-radius ${name}`)
      .sort(),
  );
  expect(linesOf(node.path("healed"))).toEqual([]);
  expect(
    auditOf(node).filter(({ event, target }) => event === "heal.started" && target !== "worker"),
  ).toEqual([]);
  expect((await node.status("t0")).message).toMatch(/\S/);
});

/** A port of loopback where nobody listens. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === "object" && address !== null ? address.port : 1;
}
