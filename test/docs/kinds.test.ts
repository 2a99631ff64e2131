import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { parseDocument } from "yaml";
import { defaultCures } from "../../scripts/default-cures.ts";
import { kinds } from "../../src/checks/registry.ts";
import { loadConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { CallView } from "../../src/model/ports.ts";
import { makeAuthority, serveSecurely } from "../support/certificates.ts";
import { run } from "../support/child.ts";
import { loadCopiedExample } from "../support/copied-example.ts";
import { makeEye, noProcesses } from "../support/look.ts";
import { lazyMysql } from "../support/mysql.ts";
import { pluginFolder } from "../support/plugins.ts";
import { lazyPostgres } from "../support/postgres.ts";
import { makePrompts } from "../support/prompts.ts";
import { makeQueue } from "../support/queue.ts";
import { useRedis } from "../support/redis.ts";
import { scratch } from "../support/scratch.ts";
import { makeDatabase } from "../support/sqlite.ts";
import { privateTmux } from "../support/tmux.ts";
import { serve } from "../support/web-server.ts";

/** What an example finds where it is put, and so what it must say of each of its targets. */
interface Case {
  /** Fills in its variables. */
  readonly env?: NodeJS.ProcessEnv;
  /** What is known of calls, where heartbeats ask. */
  readonly calls?: CallView;
  /** By target: its status and symptoms, as in `critical process.dead`. A pattern where that is up to the machine. */
  readonly shows: Readonly<Record<string, string | RegExp>>;
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const database = lazyPostgres();
const mariadb = lazyMysql();
/** Nobody started it: a look is all that happens here. */
const notStarted = "critical process.dead";
const pressed = existsSync("/proc/pressure/cpu") ? "ok" : "unknown";

/** A new kind adds its line here, with the real thing behind it. */
const cases: Readonly<Record<string, (base: string) => Case | Promise<Case>>> = {
  process: (base) => {
    writeFileSync(join(base, "nginx.pid"), String(run(["sleep", "300"]).pid));
    const env = { NGINX_PID: "nginx.pid" };
    // What is found has just begun, and is `starting` until it has lived for a second.
    return { env, shows: { predictor: notStarted, import: notStarted, nginx: /^(unknown|ok)$/ } };
  },
  file: (base) => {
    writeFileSync(join(base, "signals.jsonl"), '{"at":1}\n');
    return { shows: { engine: notStarted, signals: "ok", settings: "critical file.missing" } };
  },
  http: async () => {
    const body = '{"status":"ok","db":{"up":true}}';
    const url = await serveSecurely(makeAuthority().selfSigned("IP:127.0.0.1"), body);
    return { env: { SHOP_URL: url }, shows: { shop: "critical http.certificate" } };
  },
  tcp: async () => {
    const env = { DB_PORT: String((await serve(() => undefined)).port) };
    return { env, shows: { "orders-db": notStarted, "orders-db-port": "ok" } };
  },
  heartbeat: () => {
    const calls = { heard: async () => ({ waitedFor: 300_000, lastAgo: 120_000, listeningFor: 300_000 }) };
    return {
      calls,
      shows: { backup: "ok", importer: notStarted, "importer-calls": "critical heartbeat.late" },
    };
  },
  command: (base) => {
    const env = { PLUGINS: pluginFolder(), EXPORT: join(base, "export.csv") };
    const any = /^(ok|warning command.warning|critical command.critical)$/;
    const shows = { "root-disk": any, load: any, zombies: any, "last-export": "critical command.critical" };
    return { env, shows };
  },
  config: (base) => {
    const settings = { server: { port: 80, host: "::1" }, mode: "live", symbols: ["BTC"] };
    writeFileSync(join(base, "settings.json"), JSON.stringify(settings));
    return { shows: { settings: "critical config.range", trader: notStarted } };
  },
  requires: (base) => {
    for (const folder of ["data", "logs/trades", "tools", "node_modules/left-pad"])
      mkdirSync(join(base, folder), { recursive: true });
    writeFileSync(join(base, "tools/convert"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(base, "trader.env"), "EXCHANGE_KEY=\n");
    return { shows: { trader_needs: "critical requires.env", trader: notStarted } };
  },
  sqlite: (base) => {
    const env = { APP_DB: makeDatabase(base, "wal") };
    return { env, shows: { "app-db": "ok", "app-db-whole": "ok" } };
  },
  disk: (base) => {
    // How full it is, is up to the machine.
    return { env: { DATA: base }, shows: { data: /^(ok|warning disk.warning|critical disk.full)$/ } };
  },
  memory: () => ({
    env: { MEMORY_USED: "0%", MEMORY_FOR: "0s" },
    shows: { memory: /^critical memory.high$|^unknown$/ },
  }),
  cpu: () => ({ shows: { cpu: pressed } }),
  tmux: (base) => {
    privateTmux(base).session("agent-1", "sleep", "300");
    makePrompts(base);
    return { env: { TMUX_SOCKET: "./t" }, shows: { agents: "ok", dispatcher: "critical tmux.missing" } };
  },
  log: (base) => {
    mkdirSync(join(base, "logs"));
    writeFileSync(join(base, "logs/agent.log"), "MemoryError\n");
    return { shows: { agent: notStarted, agent_log: "ok" } };
  },
  postgres: async () => ({ env: { DB_URL: (await database()).url() }, shows: { "shop-db": "ok" } }),
  queue: async () => {
    const redis = await useRedis();
    await makeQueue(redis, "orders").add("order", {});
    return {
      env: { SHOP_REDIS: redis.url },
      shows: { worker: notStarted, orders: "critical queue.orphaned" },
    };
  },
  mysql: async () => ({ env: { DB_URL: (await mariadb()).url() }, shows: { "shop-db": "ok" } }),
};

/** `critical file.missing`, or the status alone. */
function shown({ status, findings }: Observation): string {
  return [status, ...findings.map(({ symptom }) => symptom)].join(" ");
}

function caseOf(kind: string) {
  const found = cases[kind];
  if (found !== undefined) return found;
  const what = `add the kind ${kind} to the cases of test/docs/kinds.test.ts`;
  throw new Error(`no test runs examples/kinds/${kind}.yaml: ${what}`);
}

describe.each(kinds.map((kind) => [kind.kind, kind] as const))("examples/kinds/%s.yaml", (name, kind) => {
  test("says of each of its targets what is so", async () => {
    const base = scratch();
    const { env = {}, calls, shows } = await caseOf(name)(base);
    const { targets } = await loadCopiedExample(name, base, env);
    expect([...targets.values()].map((target) => target.kind)).toContain(name);
    const eye = makeEye(noProcesses, calls === undefined ? {} : { calls });
    expect([...targets.keys()].sort()).toEqual(Object.keys(shows).sort());
    for (const target of targets.values()) {
      const seen = await eye(target);
      const wanted = shows[target.id] ?? "";
      const said = `${target.id}: ${seen.message}`;
      if (typeof wanted === "string") expect(shown(seen), said).toBe(wanted);
      else expect(shown(seen), said).toMatch(wanted);
    }
  });

  test("has the default cures that its page shows", async () => {
    const base = scratch();
    const { env = {} } = await caseOf(name)(base);
    const written = readFileSync(join(root, `examples/kinds/${name}.yaml`), "utf8");
    const bare = parseDocument(written);
    for (const id of Object.keys(bare.toJS().targets)) bare.deleteIn(["targets", id, "heal"]);
    writeFileSync(join(base, "bare.yaml"), String(bare));
    const loaded = await loadConfig(join(base, "bare.yaml"), env);
    if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join("\n"));
    for (const { targets, bySymptom } of defaultCures(kind, written)) {
      for (const id of targets) {
        const ladders = loaded.config.targets.get(id)?.ladders;
        const real = (symptom: string) => ladders?.bySymptom[symptom] ?? ladders?.any ?? [];
        for (const [symptom, remedies] of Object.entries(bySymptom))
          expect(
            real(symptom).map(({ remedy }) => remedy),
            `${id} ${symptom}`,
          ).toEqual(remedies);
      }
    }
  });
});
