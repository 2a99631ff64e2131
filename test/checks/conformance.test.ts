import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { kinds } from "../../src/checks/registry.ts";
import { createMemories } from "../../src/look/memories.ts";
import { createSharedWork } from "../../src/look/shared-work.ts";
import { type AnyKind, type CheckContext, symptomsWith } from "../../src/model/kind.ts";
import type { Look } from "../../src/model/observation.ts";
import type { CallView } from "../../src/model/ports.ts";
import type { Target } from "../../src/model/target.ts";
import { createFiles } from "../../src/system/remote-stat.ts";
import { run } from "../support/child.ts";
import { fullPort } from "../support/full-port.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";
import { lazyMysql } from "../support/mysql.ts";
import { lazyPostgres } from "../support/postgres.ts";
import { makeQueue } from "../support/queue.ts";
import { useRedis } from "../support/redis.ts";
import { scratch } from "../support/scratch.ts";
import { silentPort } from "../support/silent-server.ts";
import { makeDatabase, session } from "../support/sqlite.ts";
import { privateTmux } from "../support/tmux.ts";
import { serve } from "../support/web-server.ts";

/** What a kind is tried with; a new kind adds its line here, or the suite fails. */
interface Case {
  /** Fields that name something that is not there, and the text by which the message must name it. */
  readonly missing?: { readonly fields: object; readonly named: string };
  /** Fields with which a look waits for something that never answers; a kind without them is over at once, and gives no promise. */
  hanging?(base: string): Promise<object>;
  /** Fields with which all is well. */
  well(base: string): Promise<object>;
}

/** Two minutes went by, and no call came. */
const noCalls: CallView = { heard: async () => ({ waitedFor: 120_000, listeningFor: 120_000 }) };
/** What is known of calls in the current test. */
let calls = noCalls;
beforeEach(() => {
  calls = noCalls;
});
const database = lazyPostgres();
const mariadb = lazyMysql();

const silent = async (): Promise<string> => (await serve(() => undefined)).url;

const cases: Readonly<Record<string, Case>> = {
  process: {
    missing: { fields: { pidFile: "gone.pid" }, named: "gone.pid" },
    hanging: async (base) => ({ ...(await itself(base)), health: await silent() }),
    well: async (base) => itself(base),
  },
  file: {
    missing: { fields: { path: "gone.json", format: "json" }, named: "gone.json" },
    hanging: async (base) => {
      writeFileSync(join(base, "slow.yaml"), "- {a: [1, 2, {b: c}]}\n".repeat(200_000));
      return { path: "slow.yaml", format: "yaml" };
    },
    well: async (base) => {
      writeFileSync(join(base, "fine.json"), "{}");
      return { path: "fine.json", format: "json", maxAge: "1h", minSize: 1, grows: "1h" };
    },
  },
  http: {
    missing: { fields: { url: "http://127.0.0.1:1/" }, named: "127.0.0.1:1" },
    hanging: async () => ({ url: await silent() }),
    well: async () => ({
      url: (await serve((_, response) => response.end("fine"))).url,
      expect: { body: "fine" },
    }),
  },
  tcp: {
    missing: { fields: { host: "127.0.0.1", port: 1 }, named: "127.0.0.1:1" },
    hanging: fullPort,
    well: async () => ({ host: "127.0.0.1", port: (await serve(() => undefined)).port }),
  },
  heartbeat: {
    missing: { fields: { period: "1s", grace: "0s" }, named: "no call yet" },
    hanging: async () => {
      calls = { heard: () => new Promise(() => undefined) };
      return { period: "1m" };
    },
    well: async () => {
      calls = { heard: async () => ({ waitedFor: 120_000, lastAgo: 1_000, listeningFor: 120_000 }) };
      return { period: "1m" };
    },
  },
  command: {
    missing: { fields: { run: ["check_gone"] }, named: "check_gone" },
    hanging: async () => ({ run: ["sleep", "300"] }),
    well: async () => ({ run: ["echo", "fine | a=1"] }),
  },
  config: {
    missing: { fields: { path: "gone.json", fields: { a: {} } }, named: "gone.json" },
    hanging: async (base) => {
      writeFileSync(join(base, "slow.yaml"), "- {a: [1, 2, {b: c}]}\n".repeat(200_000));
      return { path: "slow.yaml", fields: { a: {} } };
    },
    well: async (base) => {
      writeFileSync(join(base, "fine.toml"), "[a]\nb = 1\n");
      return { path: "fine.toml", fields: { "a.b": { type: "integer", min: 1, max: 1 } } };
    },
  },
  requires: {
    missing: { fields: { executables: ["./gone"], directories: ["gone-folder"] }, named: "gone-folder" },
    hanging: async (base) => {
      writeFileSync(join(base, "python"), "#!/bin/sh\nsleep 300\n", { mode: 0o755 });
      return { python: { modules: ["os"], interpreter: "./python" } };
    },
    well: async () => ({ env: ["PATH"], directories: ["."], executables: ["sh"] }),
  },
  sqlite: {
    missing: { fields: { path: "gone.db" }, named: "gone.db" },
    hanging: async (base) => {
      await session(makeDatabase(base, "wal"), "BEGIN IMMEDIATE");
      // Each look tries the lock for a second.
      return { path: "app.db", lockedFor: "0s" };
    },
    well: async (base) => {
      makeDatabase(base, "delete");
      return { path: "app.db", quickCheck: "1h", holders: ["^import"] };
    },
  },
  disk: {
    missing: { fields: { path: "gone" }, named: "gone" },
    well: async () => ({ path: ".", full: "100%", warning: "100%", inodes: "100%" }),
  },
  memory: { well: async () => ({ used: "100%" }) },
  cpu: { well: async () => ({ load: 1_000 }) },
  tmux: {
    missing: { fields: { session: "gone", socket: "./t" }, named: "gone" },
    hanging: async (base) => tmuxSession(base, { run: ["sleep", "300"] }),
    well: async (base) => tmuxSession(base, { run: ["echo", "7"] }),
  },
  queue: {
    missing: { fields: { redis: "redis://127.0.0.1:1", queue: "q" }, named: "redis://127.0.0.1:1" },
    hanging: async () => ({ redis: `redis://127.0.0.1:${await silentPort()}`, queue: "q" }),
    well: async () => {
      const redis = await useRedis();
      await makeQueue(redis, "q").waitUntilReady();
      return { redis: redis.url, queue: "q", waiting: 9, oldest: "1h", failed: { max: 0, per: "1h" } };
    },
  },
  mysql: {
    missing: { fields: { url: "mysql://127.0.0.1:1" }, named: "127.0.0.1:1" },
    hanging: async () => ({ url: `mysql://healq@127.0.0.1:${await silentPort()}` }),
    well: async () => ({ url: (await mariadb()).url() }),
  },
  log: {
    missing: { fields: { path: "gone.log", preset: "python" }, named: "gone.log" },
    well: async (base) => {
      writeFileSync(join(base, "app.log"), "MemoryError\n");
      return {
        path: "app.log",
        preset: ["python", "node"],
        patterns: { own: { match: "x" } },
        target: "app",
        allow: { install: { python: ["a"] }, mkdir: ["."], create: { b: "" } },
      };
    },
  },
  postgres: {
    missing: { fields: { url: "postgres://127.0.0.1:1/shop" }, named: "127.0.0.1:1/shop" },
    hanging: async () => ({ url: `postgres://healq@127.0.0.1:${await silentPort()}/shop` }),
    well: async () => ({ url: (await database()).url() }),
  },
};

/** A session of a tmux server in that folder. */
function tmuxSession(base: string, task: object): object {
  const { socket, session: start } = privateTmux(base);
  start("agent");
  return { session: "agent", socket, task };
}

/** A process that is found, by a pid file. */
async function itself(base: string): Promise<object> {
  writeFileSync(join(base, "it.pid"), String(run(["sleep", "300"]).pid));
  return { pidFile: "it.pid", startGrace: "0s" };
}

function contextWith(signal: AbortSignal): CheckContext {
  const files = createFiles();
  const memories = createMemories();
  onTestFinished(() => {
    files.close();
    memories.close();
  });
  return {
    now: () => Date.now(),
    signal,
    processes: noProcesses,
    files,
    calls,
    memory: memories("it"),
    shared: createSharedWork(),
  };
}

/** Every file under a folder, with its content and times. */
function picture(folder: string): Record<string, unknown> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();
  return Object.fromEntries(
    names.map((name) => {
      const { mtimeMs, ctimeMs, mode } = statSync(join(folder, name));
      const isFile = statSync(join(folder, name)).isFile();
      return [
        name,
        { mtimeMs, ctimeMs, mode, content: isFile ? readFileSync(join(folder, name), "utf8") : null },
      ];
    }),
  );
}

function expectDeclared(kind: AnyKind, look: Look): void {
  for (const { symptom } of look.findings) expect(Object.keys(kind.symptoms)).toContain(symptom);
}

function caseOf(kind: AnyKind): Case {
  const found = cases[kind.kind];
  if (found === undefined) throw new Error(`the conformance suite has no case for the kind ${kind.kind}`);
  return found;
}

const observe = async (kind: AnyKind, target: Target, signal: AbortSignal): Promise<Look> =>
  kind.observe(target, contextWith(signal));

describe.each(kinds.map((kind) => [kind.kind, kind] as const))("the kind %s", (name, kind) => {
  test("an abort ends a look that waits, at once and as unknown", async () => {
    const base = scratch();
    const { hanging, well } = caseOf(kind);
    if (hanging === undefined) {
      const look = kind.observe(targetOf(name, await well(base), { base }), contextWith(AbortSignal.abort()));
      expect(look).toMatchObject({ status: "ok" });
      return;
    }
    const target = targetOf(name, await hanging(base), { base, timeout: 60_000 });
    const controller = new AbortController();
    const looking = observe(kind, target, controller.signal);
    setTimeout(() => controller.abort(), 50);
    const began = performance.now();
    expect(await looking).toMatchObject({ status: "unknown", findings: [] });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  test("a look whose time is over before it began is unknown or needs no time", async () => {
    const base = scratch();
    const target = targetOf(name, await caseOf(kind).well(base), { base });
    const look = await observe(kind, target, AbortSignal.abort());
    expect(["ok", "unknown"]).toContain(look.status);
  });

  test("when all is well it is ok, and nothing on disk was changed", async () => {
    const base = scratch();
    mkdirSync(join(base, "folder"));
    const target = targetOf(name, await caseOf(kind).well(base), { base });
    const before = picture(base);
    const look = await makeEye(noProcesses, { calls })(target);
    expect(look).toMatchObject({ status: "ok", findings: [] });
    expect(picture(base)).toEqual(before);
  });

  test.skipIf(cases[name]?.missing === undefined)(
    "what is missing is named, by a declared finding or an unknown, and not made",
    async () => {
      const base = scratch();
      const { fields, named } = caseOf(kind).missing ?? { fields: {}, named: "" };
      const look = await makeEye(noProcesses, { calls })(targetOf(name, fields, { base }));
      expect(look.status).not.toBe("ok");
      expect(look.message).toContain(named);
      expectDeclared(kind, look);
      expect(readdirSync(base)).toEqual([]);
    },
  );

  test("it is documented: a summary, symptoms under its own name, and every field", () => {
    expect(kind.summary).not.toBe("");
    for (const [symptom, meaning] of Object.entries(kind.symptoms)) {
      expect(symptom.startsWith(`${name}.`)).toBe(true);
      expect(meaning).not.toBe("");
    }
    for (const [field, schema] of Object.entries(kind.schema.shape)) {
      expect(schema.description, `${name}.${field}`).toMatch(/\w/);
    }
  });

  test("its schema converts to JSON Schema, described and closed, and refuses unknown fields", async () => {
    const json = z.toJSONSchema(kind.schema, { io: "input" });
    expect(json).toMatchObject({ type: "object", additionalProperties: false });
    expect(undescribed(json, name)).toEqual([]);
    const written = await caseOf(kind).well(scratch());
    expect(kind.schema.safeParse(written).success).toBe(true);
    expect(kind.schema.safeParse({ ...written, noSuchField: 1 }).success).toBe(false);
  });

  test("a default ladder names only its own symptoms", async () => {
    const spec = kind.schema.parse(await caseOf(kind).well(scratch()));
    const ladder = kind.defaultLadder(spec);
    if (Array.isArray(ladder)) return;
    for (const symptom of Object.keys(ladder))
      expect([...Object.keys(symptomsWith(kind, spec)), "any"]).toContain(symptom);
  });
});

/** The properties, at any depth, that have no description. */
function undescribed(schema: object, path: string): string[] {
  return Object.entries(schema).flatMap(([key, value]) => {
    if (typeof value !== "object" || value === null) return [];
    if (key !== "properties") return undescribed(value, `${path}.${key}`);
    return Object.entries(value).flatMap(([field, inner]) => {
      // JSON Schema: a property is described by an object.
      const property = inner as { description?: string };
      return [
        ...(property.description ? [] : [`${path}.${field}`]),
        ...undescribed(property, `${path}.${field}`),
      ];
    });
  });
}
