import * as z from "zod";
import type { Registries } from "../../src/config/registry.ts";
import { argv, duration, id, size } from "../../src/lib/fields.ts";
import { defineChannel } from "../../src/model/alert.ts";
import { defineKind } from "../../src/model/kind.ts";
import { defineRemedy } from "../../src/model/remedy.ts";

// Kinds, remedies and channels of the tests' own: with the fields that config has rules for, and nothing to do.

const ok = { status: "ok", findings: [], metrics: {}, message: "fine" } as const;

const process = defineKind({
  kind: "process",
  summary: "a program",
  schema: z.strictObject({
    run: argv().describe("program and arguments").optional(),
    match: z.string().describe("regular expression").optional(),
    health: z
      .union([z.string(), z.strictObject({ url: z.string(), timeout: duration().prefault("1s") })])
      .describe("answers when it works")
      .optional(),
    output: z
      .strictObject({ path: z.string(), maxAge: duration() })
      .describe("written when it works")
      .optional(),
    env: z.record(z.string(), z.string()).describe("added to its environment").optional(),
    stop: z
      .strictObject({ signal: z.string().default("SIGTERM"), timeout: duration().prefault("10s") })
      .describe("how")
      .optional(),
  }),
  symptoms: { "process.dead": "it does not run", "process.hung": "it does nothing" },
  network: false,
  references: () => [],
  defaultLadder: () => ["restart"],
  problems: (spec) =>
    spec.run === undefined && spec.match === undefined
      ? [{ path: ["run"], message: "give `run` or `match`" }]
      : [],
  observe: () => ok,
});

const file = defineKind({
  kind: "file",
  summary: "a file",
  schema: z.strictObject({
    path: z.string().min(1).describe("where"),
    maxAge: duration().describe("how old it may be").optional(),
    minSize: size().describe("how small it may be").optional(),
    format: z.enum(["json", "jsonl", "yaml"]).describe("what is in it").optional(),
    producer: id().describe("who writes it").optional(),
  }),
  symptoms: { "file.missing": "it is not there", "file.stale": "it is too old" },
  network: false,
  references: (spec) => (spec.producer === undefined ? [] : [spec.producer]),
  defaultLadder: (spec) => (spec.producer === undefined ? [] : { "file.stale": ["producer"] }),
  observe: () => ok,
});

const http = defineKind({
  kind: "http",
  summary: "a URL",
  schema: z.strictObject({
    url: z.url().describe("what to get"),
    headers: z.record(z.string(), z.string()).describe("sent with it").optional(),
    target: id().describe("who serves it").optional(),
    expect: z
      .strictObject({ status: z.union([z.int(), z.array(z.int())]) })
      .describe("what is right")
      .optional(),
  }),
  symptoms: { "http.down": "no answer", "http.status": "another status" },
  network: true,
  references: (spec) => (spec.target === undefined ? [] : [spec.target]),
  defaultLadder: (spec) => (spec.target === undefined ? ["wake"] : ["wake", "target"]),
  observe: () => ok,
});

const none = { plan: async () => [], apply: async () => ({}) };

const restart = defineRemedy({
  ...none,
  remedy: "restart",
  summary: "stops and starts it",
  schema: z.strictObject({}),
  kinds: ["process"],
  cures: true,
  misfit: (target) => {
    const { run } = z.looseObject({ run: z.unknown().optional() }).parse(target.spec);
    return run === undefined ? "restart needs `run`" : undefined;
  },
});
const exec = defineRemedy({
  ...none,
  remedy: "exec",
  summary: "runs a program",
  schema: argv(),
  kinds: "all",
  cures: true,
});
const signal = defineRemedy({
  ...none,
  remedy: "signal",
  summary: "sends a signal",
  schema: z.enum(["SIGHUP", "SIGUSR1"]),
  kinds: ["process"],
  cures: true,
});
const wake = defineRemedy({
  ...none,
  remedy: "wake",
  summary: "asks again",
  schema: z.strictObject({}),
  kinds: ["http"],
  cures: true,
});
const producer = defineRemedy({
  ...none,
  remedy: "producer",
  summary: "heals it",
  schema: z.null(),
  kinds: ["file"],
  cures: true,
});
const target = defineRemedy({
  ...none,
  remedy: "target",
  summary: "heals another",
  schema: z.union([z.null(), id()]),
  kinds: "all",
  cures: true,
  references: (name) => (name === null ? [] : [name]),
});
const alert = defineRemedy({
  ...none,
  remedy: "alert",
  summary: "calls",
  schema: z.strictObject({}),
  kinds: "all",
  cures: false,
});

const log = defineChannel({
  channel: "log",
  summary: "the log",
  schema: z.strictObject({}),
  send: async () => {},
});
const webhook = defineChannel({
  channel: "webhook",
  summary: "an HTTP POST",
  schema: z.strictObject({
    url: z.url().describe("where to"),
    timeout: duration().prefault("10s").describe("how long"),
  }),
  send: async () => {},
});

/** What the config tests are run with. */
export const testRegistries: Registries = {
  kinds: [process, file, http],
  remedies: [restart, exec, signal, wake, producer, target, alert],
  channels: [log, webhook],
};
