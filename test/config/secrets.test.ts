import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { redactorFor } from "../../src/config/secrets.ts";
import { scratch } from "../support/scratch.ts";

// Each is a word of its own, so that nothing but knowing it can find it in a text.
const secrets = {
  shared: "apricot-shared",
  queue: "banana-queue",
  postgres: "cherry-pg",
  mysql: "damson%2Fmysql",
  page: "elder-page",
  operator: "fig-fig-fig-fig-operator",
  worker: "grape-worker",
  own: "hazel-own",
};

const written = `
redis: rediss://:${secrets.shared}@redis.example:6380
web: { tokens: [{ name: ops, token: ${secrets.operator}, role: operator }] }
targets:
  jobs: { kind: queue, redis: "redis://u:${secrets.queue}@other.example", queue: mail, workers: 1 }
  ledger: { kind: postgres, url: "postgres://u:${secrets.postgres}@/ledger", blockedFor: 1m }
  shop: { kind: mysql, url: "mysql://u:${secrets.mysql}@db.example/shop", blockedFor: 1m }
  page: { kind: http, url: "https://u:${secrets.page}@page.example" }
  worker: { kind: process, run: [work], env: { API_TOKEN: ${secrets.worker}, REGION: north-west } }
`;

test("what the config and the environment say is secret is taken out of any text; what is not stays", async () => {
  const file = join(scratch(), "healq.yaml");
  writeFileSync(file, written);
  const result = await loadConfig(file, {});
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  const redact = redactorFor(result.config, { DB_PASSWORD: secrets.own, LANG: "somewhere" });
  const said = Object.values(secrets).map(decodeURIComponent);
  expect(redact(`it said: ${said.join(" ")}, in north-west, somewhere`)).toBe(
    `it said: ${said.map(() => "[redacted]").join(" ")}, in north-west, somewhere`,
  );
});
