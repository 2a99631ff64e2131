import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { jsonSchema } from "../../src/config/json-schema.ts";
import { loadConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { registries } from "../../src/config/registries.ts";
import { initTemplate } from "../../src/config/template.ts";
import { scratch } from "../support/scratch.ts";

// With the kinds, remedies and channels that healq has.

function read(text: string, env: NodeJS.ProcessEnv = {}) {
  const file = join(scratch(), "healq.yaml");
  writeFileSync(file, text);
  return loadConfig(file, env);
}

async function load(text: string, env: NodeJS.ProcessEnv = {}) {
  const result = await read(text, env);
  expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  return result.ok ? result.config : undefined;
}

/** The example of the contract. */
const example = `
node: trading-1
redis: \${REDIS_URL:-}
targets:
  predictive_engine:
    kind: process
    run: [python3, workers/predictive_engine.py]
    env: { SYMBOLS: "BTC,ETH" }
    critical: true
    output: { path: logs/predictive_signals.jsonl, maxAge: 5m }
    health: http://127.0.0.1:5000/api/health
    stop: { signal: SIGTERM, timeout: 10s }
    startGrace: 10s
  ensemble_predictor:
    kind: process
    run: [python3, workers/ensemble_predictor.py]
    needs: [predictive_engine]
    heal: [restart, { exec: [./notify-team.sh] }]
  weights:
    kind: file
    path: feature_store/signal_weights_gate.json
    maxAge: 24h
    producer: predictive_engine
    create: { content: "{}" }
  exchange:
    kind: http
    on: any
    url: https://exchange.example/ping
`;

it("the example of the contract loads", async () => {
  const config = await load(example);
  expect([...(config?.targets.keys() ?? [])]).toEqual([
    "predictive_engine",
    "ensemble_predictor",
    "weights",
    "exchange",
  ]);
  const rungs = config?.targets.get("ensemble_predictor")?.ladders.any;
  expect(rungs?.map((rung) => [rung.remedy, rung.tries])).toEqual([
    ["restart", 1],
    ["exec", 3],
  ]);
  for (const target of config?.targets.values() ?? []) {
    const ladders = [target.ladders.any, ...Object.values(target.ladders.bySymptom)];
    expect(ladders.flat().length, target.id).toBeGreaterThan(0);
  }
});

it("the config to start from loads, and so does all that is commented out in it", async () => {
  await load(initTemplate());
  const uncommented = initTemplate().replace(
    /^( *)# (?= *(?:chat|website|kind|url|needs|heal|backup|run|cron|command\.))/gm,
    "$1",
  );
  const config = await load(uncommented, { CHAT_WEBHOOK: "https://chat.example/hook" });
  expect([...(config?.targets.keys() ?? [])]).toEqual(["ticker", "ticker_file", "website", "backup"]);
  expect(config?.alerts.map((use) => use.id)).toEqual(["log", "chat"]);
});

it.each(["20x", "[200, 2x]", "999", "[]"])(
  "a status %s is refused in words, not by a pattern",
  async (status) => {
    const file = join(scratch(), "healq.yaml");
    writeFileSync(file, `targets:\n  a: { kind: http, url: "http://x", expect: { status: ${status} } }\n`);
    const result = await loadConfig(file, {});
    expect(result.ok ? [] : result.problems.map(({ message }) => message)).toEqual([
      "must be a status such as 200, a class such as 2xx, or a list of them",
    ]);
  },
);

it("no kind has a field of a name that all targets have", () => {
  const common = [
    "kind",
    "on",
    "every",
    "cron",
    "timeout",
    "attempts",
    "needs",
    "heal",
    "critical",
    "mode",
    "verify",
  ];
  for (const kind of registries.kinds)
    expect(Object.keys(kind.schema.shape).filter((key) => common.includes(key))).toEqual([]);
});

it("the JSON Schema has all of them", () => {
  const text = JSON.stringify(jsonSchema(registries));
  const { kinds, remedies, channels } = registries;
  const names = [
    ...kinds.map((one) => one.kind),
    ...remedies.map((one) => one.remedy),
    ...channels.map((one) => one.channel),
  ];
  for (const name of names) expect(text).toContain(`"${name}"`);
});

it("a wrong field hides no unknown target, and a wrong value of a field with several forms is named by its own place", async () => {
  const targets = [
    "a: { kind: file, path: x, maxAge: 5 mins, producer: wx }",
    "b: { kind: process, run: [x], stop: { signal: TERM } }",
    'c: { kind: process, run: [x], health: { url: "http://x", statsu: 3 } }',
    "d: { kind: disk, path: /, rules: [{ path: /var/log/x/*, olderThan: 1d }], archive: { folder: x, run: [y] } }",
    "e: { kind: process, run: [x], stop: 5 }",
  ];
  const result = await read(`targets: { ${targets.join(", ")} }`);
  const said = result.ok ? [] : result.problems.map(({ path, message }) => `${path}: ${message}`);
  expect(said).toEqual([
    expect.stringMatching(/^targets\.a\.maxAge: is "5 mins", but a duration/),
    'targets.a.producer: there is no target "wx"',
    expect.stringMatching(/^targets\.b\.stop\.signal: must be SIGTERM, /),
    'targets.c.health.statsu: unknown key; did you mean "status"?',
    "targets.d.archive.folder: may not stand beside run",
    expect.stringMatching(/^targets\.e\.stop: must be \{ signal, timeout \}/),
  ]);
});
