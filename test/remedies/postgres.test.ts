import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Session } from "../../src/checks/postgres-activity.ts";
import { postgresSpecOf } from "../../src/checks/postgres-spec.ts";
import { culpritsOf } from "../../src/remedies/postgres-culprits.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { targetOf } from "../support/look.ts";
import { block, pidOf, startPostgres, type TestPostgres, untilWaiting } from "../support/postgres.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { until } from "../support/wait.ts";

let server: TestPostgres;
beforeAll(async () => {
  server = await startPostgres();
});
afterAll(() => server?.stop());

const db = (written: object = {}) =>
  targetOf("postgres", { url: server.url(), blockedFor: "1ms", only: { application: "worker" }, ...written });

describe("cancel-blocker", () => {
  it("cancels the running statement of the root; its connection lives on, and who waited goes on", async () => {
    const { blocker, pid, waiter } = await block(server, { running: true });
    const { said, details } = await remedyRig().apply("cancel-blocker", db());
    expect(said).toEqual([
      `cancel the statement of pid ${pid} (worker of postgres on postgres): a session waits for it`,
    ]);
    expect(details).toEqual({ [`pid ${pid}`]: "cancelled" });
    await waiter;
    await blocker.query("ROLLBACK");
    expect(await pidOf(blocker)).toBe(pid);
  });

  it("says that it has no effect on one that idles in its transaction, and fails, so that the next rung is tried", async () => {
    const { pid } = await block(server);
    await expect(remedyRig().apply("cancel-blocker", db())).rejects.toThrow(
      `nothing was done: leave pid ${pid} (worker of postgres on postgres) alone: it is idle in transaction, and a cancel has no effect on that; it takes terminate-blocker`,
    );
  });
});

describe("terminate-blocker", () => {
  it("ends one that idles in its transaction, and no other session", async () => {
    const { blocker, pid, waiter } = await block(server);
    const bystander = await server.connect();
    const { details } = await remedyRig().apply("terminate-blocker", db());
    expect(details).toEqual({ [`pid ${pid}`]: "ended" });
    await waiter;
    await expect(blocker.query("SELECT 1")).rejects.toThrow();
    expect(await pidOf(bystander)).toBeGreaterThan(0);
  });

  it("ends those that idle for too long when that is the fault, and not those that block", async () => {
    const { blocker } = await block(server, { running: true });
    const idler = await server.connect();
    await idler.query("BEGIN");
    const pid = await pidOf(idler);
    const rig = remedyRig();
    const finding = {
      symptom: "postgres.idle-in-transaction",
      severity: "warning",
      fact: false,
      message: "",
      evidence: {},
    } as const;
    const context = rig.context(db({ idleInTransaction: "1ms" }), { finding });
    await until(async () => {
      await remedyOf("terminate-blocker")?.apply(context, {});
      return context.said.some((line) => line.startsWith(`end pid ${pid}`));
    });
    expect(context.said.at(-1)).toBe(
      `end pid ${pid} (worker of postgres on postgres): idle in transaction for longer than 1 ms`,
    );
    await expect(idler.query("SELECT 1")).rejects.toThrow();
    await remedyRig().apply("cancel-blocker", db());
    await until(() => blocker.query("ROLLBACK").then(() => true));
  });

  it("ends the root of a chain of three, and nobody behind it", async () => {
    const { pid, waiter } = await block(server);
    const [middle, last] = [await server.connect(), await server.connect()];
    const admin = await server.connect("psql");
    await admin.query(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'waiter'",
    );
    await expect(waiter).rejects.toThrow();
    const { rows } = await admin.query<{ key: string }>(
      "SELECT (classid::bigint << 32 | objid::bigint)::text AS key FROM pg_locks WHERE locktype = 'advisory' AND pid = $1",
      [pid],
    );
    const key = rows[0]?.key;
    await middle.query("BEGIN");
    await middle.query("SELECT pg_advisory_xact_lock(7)");
    const waiting = [middle.query("SELECT pg_advisory_xact_lock($1)", [key])];
    await untilWaiting(server, (count) => count === 1);
    waiting.push(last.query("SELECT pg_advisory_lock(7)"));
    await untilWaiting(server, (count) => count === 2);
    const { said, details } = await remedyRig().apply("terminate-blocker", db());
    expect(said).toEqual([`end pid ${pid} (worker of postgres on postgres): 2 sessions wait for it`]);
    expect(details).toEqual({ [`pid ${pid}`]: "ended" });
    await waiting[0];
    await middle.query("COMMIT");
    await waiting[1];
  });

  it("does so on the connection that healq holds when all others are taken", async () => {
    const admin = await server.connect("psql");
    await admin.query(
      "CREATE ROLE busy LOGIN; CREATE ROLE keeper LOGIN; GRANT pg_monitor, pg_signal_backend TO keeper",
    );
    const { pid, waiter } = await block(server, { user: "busy" });
    const rig = remedyRig();
    const target = db({ url: server.url("keeper") });
    await rig.plan("terminate-blocker", target);
    const more = async (): Promise<unknown> =>
      server.connect("psql", "busy").then(more, (error: unknown) => error);
    expect(await more()).toMatchObject({ code: "53300" });
    expect((await rig.apply("terminate-blocker", target)).details).toEqual({ [`pid ${pid}`]: "ended" });
    await waiter;
  });

  it("leaves alone whom only: does not allow, and says whose it is", async () => {
    const { blocker, pid } = await block(server, { application: "psql" });
    await expect(remedyRig().apply("terminate-blocker", db())).rejects.toThrow(
      `leave pid ${pid} (psql of postgres on postgres) alone: its application is psql, not worker (only:)`,
    );
    expect(await pidOf(blocker)).toBe(pid);
  });

  it("does nothing to one that is gone or not in the way any more when its turn comes", async () => {
    const { blocker: first, pid } = await block(server);
    const { blocker: second, pid: other } = await block(server, { besides: true });
    const rig = remedyRig();
    const left = async () => {
      // Between the two: the other one ends its transaction by itself.
      for (const client of [first, second]) await client.query("ROLLBACK").catch(() => undefined);
    };
    const context = rig.context(db(), { mayGoOn: left });
    const result = await remedyOf("terminate-blocker")?.apply(context, {});
    expect(Object.values(result?.details ?? {}).sort()).toEqual([
      "ended",
      "was gone or not in the way any more: left alone",
    ]);
    expect(Object.keys(result?.details ?? {}).sort()).toEqual([`pid ${pid}`, `pid ${other}`].sort());
    expect(context.said).toHaveLength(2);
  });

  it("says what is missing when healq's role may not end the session", async () => {
    const admin = await server.connect();
    await admin.query("CREATE ROLE weak LOGIN; GRANT pg_monitor TO weak");
    await block(server);
    await expect(remedyRig().apply("terminate-blocker", db({ url: server.url("weak") }))).rejects.toThrow(
      /GRANT pg_signal_backend to it/,
    );
  });

  it("does not fit a target without only:, and an empty only: is an error", () => {
    const remedy = remedyOf("terminate-blocker");
    expect(remedy?.misfit?.(db({ only: undefined }), {})).toMatch(/needs only: on the target/);
    expect(() => db({ only: {} })).toThrow(/names nobody/);
  });
});

describe("who is never touched", () => {
  const session: Session = {
    ...{
      pid: 7,
      user: "postgres",
      application: "worker",
      database: "shop",
      type: "client backend",
      state: "active",
    },
    ...{
      started: "2026-11-22 01:00:00.123456+00",
      transactionMs: 9_000,
      stateMs: 9_000,
      heldMs: 9_000,
      query: "",
    },
  };
  const lineFor = (more: Partial<Session>) => {
    const activity = {
      ...{ connections: 1, slots: 8, hidden: 0, prepared: [], sessions: [{ ...session, ...more }] },
      waits: [{ pid: 8, ms: 60_000, blockers: [7] }],
    };
    const spec = postgresSpecOf(db({ blockedFor: "5s" }).spec);
    const [culprit] = culpritsOf(activity, spec, { act: "end", symptom: "postgres.blocked" });
    return culprit?.session === undefined ? culprit?.line : "ended";
  };

  it.each([
    ["autovacuum", { type: "autovacuum worker", application: "" }, /the server's own \(autovacuum worker\)/],
    ["a replica's connection", { type: "walsender" }, /the server's own \(walsender\)/],
    ["one that healq may not see", { type: null, started: null }, /GRANT pg_monitor/],
    ["one that got the lock a moment ago", { heldMs: 400 }, /the queue moves/],
    ["another application's", { application: "pg_dump" }, /its application is pg_dump, not worker/],
  ])("%s", (_name, more, why) => {
    expect(lineFor({})).toBe("ended");
    expect(lineFor(more)).toMatch(why);
  });
});
