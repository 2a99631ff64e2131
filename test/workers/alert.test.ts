import { expect, onTestFinished, test } from "vitest";
import type { AlertContext } from "../../jobs/alert.ts";
import type { AuditNote } from "../../src/model/audit.ts";
import type { ChannelUse } from "../../src/model/config.ts";
import { silentLog } from "../../src/model/log.ts";
import { enqueueAlert } from "../../src/queues/enqueue.ts";
import { openQueues } from "../../src/queues/queues.ts";
import { startAlertWorker } from "../../workers/alert.ts";
import { startRedis } from "../support/redis.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

const alert = {
  node: "test",
  target: "worker",
  event: "incident.opened",
  severity: "critical",
  critical: false,
  message: "process.dead: killed by SIGKILL",
  incident: "i1",
  at: 1,
} as const;

/** The real worker on a real queue, with one webhook that answers what `answer` says. */
async function startRig(answer: () => number, { others = [] }: { others?: readonly AlertContext[] } = {}) {
  const server = await startRedis();
  const { url } = await serve((_, response) => response.writeHead(answer()).end());
  const hook: ChannelUse = {
    id: "hook",
    channel: "webhook",
    params: { url, headers: {}, timeout: 1_000 },
    from: "info",
  };
  const notes: AuditNote[] = [];
  const context: AlertContext = {
    config: { node: "test", alerts: [hook], base: "/" },
    log: silentLog,
    note: async (note) => void notes.push(note),
    now: () => 42,
  };
  const workers = [...others, context].map((each) =>
    startAlertWorker({ connection: server.connect(), context: each }),
  );
  const queues = openQueues({ connection: server.connect(), eventsConnection: server.connect });
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await queues.close();
    await server.stop();
  });
  return { queues, notes };
}

test("an alert that cannot be handed over is tried again; one that never can is told in the audit, once", async () => {
  const answers = [503, 204, 500, 500, 500];
  const { queues, notes } = await startRig(() => answers.shift() ?? 500);
  const send = (attempts: number, key: string) =>
    queues.alert.add("alert:send", { channel: "hook", alert }, { attempts, backoff: 20, jobId: key });

  const tried = await send(3, "first");
  await until(() => tried.isCompleted(), { what: "it is sent at the second try" });
  expect(notes).toMatchObject([
    { event: "alert.sent", target: "worker", incident: "i1", action: "hook", job: "first" },
  ]);

  const lost = await send(3, "second");
  await until(() => lost.isFailed(), { what: "it failed for good" });
  expect(answers).toEqual([]);
  expect(notes.slice(1)).toEqual([
    expect.objectContaining({
      event: "alert.failed",
      job: "second",
      reason: expect.stringMatching(/incident\.opened could not be sent over hook: .* answered 500/),
    }),
  ]);
});

test("an alert is sent by a node that has its channel, and one for the log by its own node, whoever takes it first", async () => {
  const log: ChannelUse = { id: "log", channel: "log", params: {}, from: "info" };
  const foreign: string[] = [];
  const other = (node: string): AlertContext => ({
    config: { node, alerts: [log], base: "/" },
    log: { ...silentLog, warn: (_fields, line) => void foreign.push(line) },
    note: async ({ reason }) => void foreign.push(reason),
    now: () => 42,
  });
  const { queues, notes } = await startRig(() => 204, { others: [other("b"), other("c")] });
  const sent = Array.from({ length: 6 }, (_, n) =>
    enqueueAlert(queues, "hook", { ...alert, node: n < 3 ? "test" : "gone" }, `k${n}`),
  );
  const jobs = await Promise.all(sent);
  await until(async () => (await Promise.all(jobs.map((job) => job.isCompleted()))).every(Boolean), {
    within: 15_000,
    what: "all are sent",
  });
  expect([notes.length, foreign]).toEqual([6, []]);
  // Being put back is no failed try.
  const made = await Promise.all(
    jobs.map(async ({ id }) => (await queues.alert.getJob(id ?? ""))?.attemptsMade),
  );
  expect(new Set(made)).toEqual(new Set([1]));
  const logged = await enqueueAlert(queues, "log", { ...alert, node: "c" }, "for the log");
  await until(() => logged.isCompleted(), { within: 15_000, what: "it is logged" });
  expect(foreign).toHaveLength(2);
});

test("the same alert asked for twice is one job, which is tried for minutes", async () => {
  const { queues, notes } = await startRig(() => 200);
  const jobs = [
    await enqueueAlert(queues, "hook", alert, "k"),
    await enqueueAlert(queues, "hook", alert, "k"),
  ];
  await until(() => jobs[0]?.isCompleted(), { what: "it is sent" });
  expect(notes).toHaveLength(1);
  const { attempts = 0, backoff } = jobs[0]?.opts ?? {};
  expect(backoff).toMatchObject({ type: "exponential" });
  const delay = typeof backoff === "object" ? (backoff.delay ?? 0) : 0;
  expect(delay * (2 ** (attempts - 1) - 1)).toBeGreaterThan(120_000);
});
