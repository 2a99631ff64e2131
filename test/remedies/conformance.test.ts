import { existsSync, lstatSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import * as z from "zod";
import type { Target } from "../../src/model/target.ts";
import { remedies } from "../../src/remedies/registry.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { blockRow, lazyMysql } from "../support/mysql.ts";
import { makeVenv, makeWheel } from "../support/packages.ts";
import { block, lazyPostgres } from "../support/postgres.ts";
import { askPrompts, makePrompts, requeuePrompts } from "../support/prompts.ts";
import { makeQueue, makeWorker } from "../support/queue.ts";
import { useRedis } from "../support/redis.ts";
import { type RemedyRig, remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { makeDatabase, session } from "../support/sqlite.ts";
import { privateTmux } from "../support/tmux.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

interface Case {
  readonly target: Target;
  readonly params?: unknown;
}

const database = lazyPostgres();
const mariadb = lazyMysql();

/** A MariaDB in which a worker keeps another session waiting, and everybody sees it. */
async function blockedRow(how: { running: boolean }): Promise<Case> {
  const server = await mariadb();
  await blockRow(server, how);
  const target = targetOf("mysql", { url: server.url(), blockedFor: "0s", only: { user: "worker" } });
  const eye = makeEye();
  await until(async () => (await eye(target)).status === "critical", { every: 150 });
  return { target };
}

/** A database in which a worker keeps another session waiting. */
async function blocked(how: { running: boolean }): Promise<Case> {
  const server = await database();
  await block(server, how);
  const written = { url: server.url(), blockedFor: "1ms", only: { application: "worker" } };
  return { target: targetOf("postgres", written) };
}

const worker = (base: string): Target =>
  targetOf("process", { run: ["sleep", "600"], stop: { timeout: "2s" } }, { id: "worker", base });

/** A session that sleeps, with a task. */
async function sleeper(base: string): Promise<Case> {
  const tmux = privateTmux(base);
  tmux.session("agent", "sleep", "600");
  makePrompts(base).assign(7, "agent");
  const fields = { session: "agent", socket: tmux.socket, task: askPrompts, requeue: requeuePrompts };
  return { target: targetOf("tmux", fields, { base }) };
}

/** One real target for each remedy; a remedy without one here fails. */
const cases: Readonly<Record<string, (rig: RemedyRig, base: string) => Promise<Case>>> = {
  restart: async (rig, base) => {
    await rig.processes.start(worker(base));
    return { target: worker(base) };
  },
  start: async (_rig, base) => ({ target: worker(base) }),
  signal: async (rig, base) => {
    const target = targetOf(
      "process",
      { run: ["sh", "-c", "trap : HUP; touch ready; while :; do sleep 0.1; done"] },
      { id: "worker", base },
    );
    await rig.processes.start(target);
    // Before its trap is set, the signal would end it.
    await until(() => existsSync(join(base, "ready")), { within: 10_000 });
    return { target, params: "SIGHUP" };
  },
  create: async (_rig, base) => ({
    target: targetOf("file", { path: "new/deep/f.json", maxAge: "1h", create: { content: "{}" } }, { base }),
  }),
  patch: async (_rig, base) => {
    writeFileSync(join(base, "c.yaml"), "# mine\nport: 0\n");
    const fields = { port: { min: 1, default: 80 }, "a.b": { default: "c" } };
    return { target: targetOf("config", { path: "c.yaml", fields }, { base }) };
  },
  mkdir: async (_rig, base) => ({
    target: targetOf("requires", { directories: ["a/b", { path: "c", mode: "700" }] }, { base }),
  }),
  producer: async (_rig, base) => ({
    target: targetOf("file", { path: "f.json", maxAge: "1h", producer: "worker" }, { base }),
  }),
  target: async (_rig, base) => ({
    target: targetOf("file", { path: "f.json" }, { base }),
    params: "worker",
  }),
  exec: async (_rig, base) => ({ target: worker(base), params: ["touch", join(base, "touched")] }),
  alert: async (_rig, base) => ({ target: worker(base), params: "look at me" }),
  "release-lock": async (_rig, base) => {
    await session(makeDatabase(base, "wal"), "BEGIN IMMEDIATE");
    return { target: targetOf("sqlite", { path: "app.db", holders: ["sqlite-session"] }, { base }) };
  },
  checkpoint: async (_rig, base) => {
    const path = makeDatabase(base, "wal");
    await session(path, "SELECT 1", "UPDATE t SET text = 'long'");
    return { target: targetOf("sqlite", { path: "app.db" }, { base }) };
  },
  clean: async (_rig, base) => {
    mkdirSync(join(base, "logs"));
    for (const name of ["a.log", "b.log", "c.log"]) {
      writeFileSync(join(base, "logs", name), "old");
      utimesSync(join(base, "logs", name), 1_000_000_000, 1_000_000_000);
    }
    const rules = [{ path: join(base, "logs", "*.log"), olderThan: "1d" }];
    const archive = { folder: join(base, "kept") };
    return { target: targetOf("disk", { path: ".", rules, archive }, { base }) };
  },
  wake: async (_rig, base) => {
    const { url } = await serve((_request, response) => void response.end("ok"));
    return { target: targetOf("http", { url }, { base }) };
  },
  interrupt: async (_rig, base) => sleeper(base),
  "kill-session": async (_rig, base) => sleeper(base),
  requeue: async (_rig, base) => sleeper(base),
  "new-session": async (_rig, base) => {
    const { socket } = privateTmux(base);
    return { target: targetOf("tmux", { session: "agent", socket, run: ["sleep", "600"] }, { base }) };
  },
  "cancel-blocker": () => blocked({ running: true }),
  "terminate-blocker": () => blocked({ running: false }),
  "retry-failed": async () => {
    const redis = await useRedis();
    const queue = makeQueue(redis, "q");
    const worker = await makeWorker(redis, "q", async () => {
      throw new Error("no");
    });
    await queue.add("a", {});
    await until(async () => (await queue.getFailedCount()) === 1);
    await worker.pause();
    const fields = { redis: redis.url, queue: "q", failed: { max: 0, per: "1h" } };
    return { target: targetOf("queue", fields) };
  },
  "kill-query": () => blockedRow({ running: true }),
  install: async (_rig, base) => {
    makeVenv(base);
    makeWheel(base, { module: "it", name: "its" });
    const args = ["--no-index", "--find-links", "wheels"];
    const python = { modules: ["it"], interpreter: "venv/bin/python", args };
    return {
      target: targetOf("requires", { python, allow: { install: { python: { it: "its" } } } }, { base }),
    };
  },
  webhook: async (_rig, base) => {
    const { url } = await serve((_request, response) => void response.end("ok"));
    return { target: worker(base), params: url };
  },
  "kill-connection": () => blockedRow({ running: false }),
};

describe.each(remedies.map((remedy) => [remedy.remedy, remedy] as const))("remedy %s", (name, remedy) => {
  const prepare = async (): Promise<Case & { rig: RemedyRig; base: string }> => {
    const base = scratch();
    const rig = remedyRig();
    const prepared = await cases[name]?.(rig, base);
    if (prepared === undefined) throw new Error(`no real target for ${name} in this suite`);
    return { ...prepared, rig, base };
  };

  it("plans exactly what it then says and does", async () => {
    const { rig, target, params } = await prepare();
    const plan = await rig.plan(name, target, params);
    expect(plan.length).toBeGreaterThan(0);
    expect((await rig.apply(name, target, params)).said).toEqual(plan);
  });

  it("changes nothing on disk and no process by planning", async () => {
    const { rig, target, params, base } = await prepare();
    const before = [picture(base), picture(rig.stateDir), rig.processes.read(target.id)];
    await rig.plan(name, target, params);
    expect([picture(base), picture(rig.stateDir), rig.processes.read(target.id)]).toEqual(before);
  });

  it("stands being run twice", async () => {
    const { rig, target, params } = await prepare();
    await rig.apply(name, target, params);
    await rig.apply(name, target, params);
  });

  it("fits the target it is for, and has a schema for editors", async () => {
    const { target, params } = await prepare();
    expect(remedy.misfit?.(target, remedy.schema.parse(params ?? {}))).toBeUndefined();
    expect(remedy.kinds === "all" || remedy.kinds.includes(target.kind)).toBe(true);
    expect(z.toJSONSchema(remedy.schema, { io: "input" })).toBeTypeOf("object");
    expect(remedy.summary).toMatch(/^[a-z].*[^.]$/);
  });

  const onlyAsks = !remedy.cures || name === "producer" || name === "target";
  it.skipIf(onlyAsks)("does nothing once it is cancelled", async () => {
    const { rig, target, params, base } = await prepare();
    const before = [picture(base), rig.processes.read(target.id)];
    const context = rig.context(target, { signal: AbortSignal.abort(new Error("cancelled")) });
    await expect(remedy.apply(context, remedy.schema.parse(params ?? {}))).rejects.toThrow("cancelled");
    expect([picture(base), rig.processes.read(target.id)]).toEqual(before);
    expect(context.said).toEqual([]);
  });
});

/** Every path under a folder with its inode, size and times. */
function picture(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .sort()
    .map((path) => {
      const { ino, size, mtimeMs } = lstatSync(join(folder, path));
      return `${path} ${ino} ${size} ${mtimeMs}`;
    });
}
