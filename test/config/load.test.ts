import { writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadWith } from "../../src/config/load-with.ts";
import { nodeNameFrom } from "../../src/config/node-name.ts";
import { referencesOf } from "../../src/config/references.ts";
import { scratch } from "../support/scratch.ts";
import { loadText, problemsOf, targetOf } from "./load.ts";
import { testRegistries } from "./registries.ts";

describe("a config that says nothing", () => {
  it("has the defaults of the contract", async () => {
    const config = await loadText("{}\n");
    expect(config).toMatchObject({
      node: nodeNameFrom(hostname()),
      stateDir: join(config.base, ".healq"),
      timezone: "UTC",
      limits: { heals: { max: 60, per: 60_000 }, concurrency: 16, maxUnhealthy: 0.5 },
      alerts: [{ id: "log", channel: "log", params: {}, from: "warning" }],
      web: { host: "127.0.0.1", port: 3210, tokens: [] },
    });
    expect("redis" in config).toBe(false);
    expect(config.targets.size).toBe(0);
    expect(dirname(config.file)).toBe(config.base);
  });

  it("gives a target the defaults of the contract", async () => {
    const config = await loadText("node: n1\ntargets: { a: { kind: process, run: [a] } }\n");
    expect(targetOf(config, "a")).toEqual({
      id: "a",
      kind: "process",
      spec: { run: ["a"] },
      nodes: ["n1"],
      schedule: { every: 10 },
      timeout: 3_000,
      policy: {
        failAfter: { count: 1, of: 1 },
        recoverAfter: 1,
        probation: 10_000,
        backoff: { delay: 1_000, max: 60_000, jitter: 0.2 },
        budget: { max: 5, per: 300_000 },
        breaker: { failures: 3, cooldown: 300_000, reset: 3_600_000 },
        verify: { within: 30_000 },
        mode: "auto",
      },
      needs: [],
      ladders: { any: [{ remedy: "restart", params: {}, tries: 3 }], bySymptom: {} },
      critical: false,
      base: config.base,
    });
  });
});

describe("defaults", () => {
  it("are overridden field by field", async () => {
    const config = await loadText(`
defaults: { every: 5s, timeout: 1s, backoff: { max: 2m }, breaker: { failures: 9 }, failAfter: 2, mode: observe }
targets:
  a: { kind: process, run: [a], backoff: { delay: 3s }, breaker: { cooldown: 1m }, mode: auto }
  b: { kind: process, run: [b], failAfter: { count: 3, of: 5 }, cron: "0 2 * * *" }
`);
    const a = targetOf(config, "a");
    expect(a.policy.backoff).toEqual({ delay: 3_000, max: 120_000, jitter: 0.2 });
    expect(a.policy.breaker).toEqual({ failures: 9, cooldown: 60_000, reset: 3_600_000 });
    expect(a).toMatchObject({
      schedule: { every: 5 },
      timeout: 1_000,
      policy: { failAfter: { count: 2, of: 2 }, mode: "auto" },
    });
    const b = targetOf(config, "b");
    expect(b.policy.failAfter).toEqual({ count: 3, of: 5 });
    expect(b.schedule).toEqual({ cron: "0 2 * * *", timezone: "UTC" });
  });

  it("with a cron pattern are overridden by a target's every", async () => {
    const config = await loadText(`
timezone: Europe/Berlin
defaults: { cron: "*/5 * * * *" }
targets: { a: { kind: process, run: [a], every: 1m }, b: { kind: process, run: [b] } }
`);
    expect(targetOf(config, "a").schedule).toEqual({ every: 60 });
    expect(targetOf(config, "b").schedule).toEqual({ cron: "*/5 * * * *", timezone: "Europe/Berlin" });
  });

  it("of YAML's own kind work: anchors and merge keys", async () => {
    const config = await loadText(`
targets:
  a: &base { kind: process, run: [a], every: 7s, critical: true }
  b: { <<: *base, run: [b] }
`);
    expect(targetOf(config, "b")).toMatchObject({
      spec: { run: ["b"] },
      schedule: { every: 7 },
      critical: true,
    });
  });
});

describe("the node", () => {
  it("is named by HEALQ_NODE first, then by the file", async () => {
    expect((await loadText("node: file\n", { HEALQ_NODE: "env" })).node).toBe("env");
    expect((await loadText("node: file\n", { HEALQ_NODE: "" })).node).toBe("file");
  });

  it("is refused when HEALQ_NODE is no name", async () => {
    expect(await problemsOf("{}\n", { HEALQ_NODE: "any" })).toEqual([
      'HEALQ_NODE: "any" is reserved: it means every node',
    ]);
  });

  it.each([
    ["my host.example", "my-host.example"],
    ["a..b", "a.b"],
    ["-x", "x"],
    ["any", "node"],
    ["", "node"],
    ["a".repeat(100), "a".repeat(64)],
  ])("made of the hostname %j is %s", (host, name) => expect(nodeNameFrom(host)).toBe(name));

  it("of a target is one, several, or any for what is looked at over the network", async () => {
    const config = await loadText(`
node: here
targets:
  a: { kind: http, url: "http://x", on: any }
  b: { kind: process, run: [b], on: there }
  c: { kind: process, run: [c], on: [here, there, here] }
`);
    expect([...config.targets.values()].map((target) => target.nodes)).toEqual([
      "any",
      ["there"],
      ["here", "there"],
    ]);
  });
});

it("keeps the order of the file, numbers as names too", async () => {
  const config = await loadText(`
targets:
  b: { kind: process, run: [a] }
  10: { kind: process, run: [a] }
  1.10: { kind: process, run: [a] }
  2: { kind: process, run: [a] }
  null: { kind: process, run: [a], needs: ["10", b] }
`);
  expect([...config.targets.keys()]).toEqual(["b", "10", "1.10", "2", "null"]);
});

it("takes alerts, web and limits as they are written", async () => {
  const config = await loadText(`
redis: unix:///run/redis.sock
alerts:
  log: { channel: log, from: info }
  chat: { channel: webhook, url: "http://chat", timeout: 2s }
limits: { heals: { per: 2m }, maxUnhealthy: 100% }
web: { host: 0.0.0.0, port: 0, tokens: [{ name: ann, token: 0123456789abcdef, role: viewer }] }
`);
  expect(config).toMatchObject({
    redis: "unix:///run/redis.sock",
    alerts: [
      { id: "log", channel: "log", params: {}, from: "info" },
      { id: "chat", channel: "webhook", params: { url: "http://chat", timeout: 2_000 }, from: "warning" },
    ],
    limits: { heals: { max: 60, per: 120_000 }, concurrency: 16, maxUnhealthy: 1 },
    web: { host: "0.0.0.0", port: 0, tokens: [{ name: "ann", token: "0123456789abcdef", role: "viewer" }] },
  });
});

it("never shows a secret in a problem", async () => {
  const found = await problemsOf(`
redis: reddis://ann:hunter2hunter2@host
web:
  tokens:
    - { name: a, token: "hunter2 hunter2 hunter2", role: viewer }
    - { name: a, token: [hunter2], role: hunter2 }
`);
  expect(found.length).toBeGreaterThan(3);
  expect(found.join("\n")).not.toContain("hunter2");
});

it("says who names whom", async () => {
  const config = await loadText(`
targets:
  engine: { kind: process, run: [a] }
  data: { kind: file, path: x, producer: engine, needs: [engine] }
  web: { kind: http, url: "http://x", heal: [{ target: engine }] }
`);
  expect(Object.fromEntries(referencesOf(config, testRegistries))).toEqual({
    engine: { needs: [], healedBy: [] },
    data: { needs: ["engine"], healedBy: ["engine"] },
    web: { needs: [], healedBy: ["engine"] },
  });
});

it("loads 10,000 targets in about ten times the time of 1,000, and not in its square", {
  timeout: 180_000,
}, async () => {
  const folder = scratch();
  /** Time of the processor, for the machine may be busy. */
  const cost = async (count: number) => {
    const lines = Array.from({ length: count }, (_, index) => {
      const needs = index === 0 ? "" : `\n    needs: [target_${index - 1}]`;
      return `  target_${index}:\n    kind: process\n    run: [python3, worker.py]\n    every: 5s\n    output: { path: out.jsonl, maxAge: 5m }${needs}\n`;
    });
    const file = join(folder, `healq-${count}.yaml`);
    writeFileSync(file, `targets:\n${lines.join("")}`);
    const before = process.cpuUsage();
    const result = await loadWith(testRegistries, file, {});
    const { user, system } = process.cpuUsage(before);
    expect(result.ok && result.config.targets.size).toBe(count);
    return user + system;
  };
  const few = await cost(1_000);
  expect(await cost(10_000)).toBeLessThan(40 * few);
});

it("refuses 10,000 unknown names without comparing each with each", async () => {
  const lines = Array.from(
    { length: 10_000 },
    (_, index) => `  job_${index}: { kind: process, run: [a], needs: [jab_${index}] }`,
  );
  const found = await problemsOf(`targets:\n${lines.join("\n")}\n`);
  expect(found).toHaveLength(10_000);
  expect(found[0]).toContain('did you mean "job_0"?');
});
