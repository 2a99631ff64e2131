import { statSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sharedKeys } from "../../src/store/keys.ts";
import { openPingKeys } from "../../src/web/ping-keys.ts";
import { startWeb } from "../../src/web/server.ts";
import { scratch } from "../support/scratch.ts";
import { makeTarget } from "../support/target.ts";
import { ask } from "./ask.ts";
import { startRig, webOptions } from "./rig.ts";

test("a call with its key is taken down; without, or for what is no heartbeat, all get the same answer", async () => {
  const { url, config, redis } = await startRig({
    targets: [makeTarget<unknown>("backup", {}, { kind: "heartbeat" })],
  });
  const key = openPingKeys(config).keyOf("backup") ?? "";
  const call = (path: string, options: Parameters<typeof ask>[1] = {}) =>
    ask(`${url}/ping/${path}`, { method: "POST", ...options });
  const calls = () => redis.connect().hgetall(sharedKeys.calls);

  const strangers = [
    call("backup"),
    call("backup?key=wrong"),
    call(`weights?key=${key}`),
    call(`nobody?key=${key}`),
    call(`backup/x?key=${key}`),
    call("backup", { headers: { authorization: "Bearer wrong" } }),
  ];
  for (const answer of await Promise.all(strangers)) {
    expect(answer).toMatchObject({ status: 404, json: { error: { code: "no-such-ping" } } });
    expect(answer.text).toBe(
      '{"error":{"code":"no-such-ping","message":"there is no heartbeat of this name with this key"}}',
    );
  }
  expect(await calls()).toEqual({});
  expect(await ask(`${url}/ping/backup?key=${key}`)).toMatchObject({
    status: 405,
    headers: { allow: "POST" },
  });

  const heard = await call("backup", {
    headers: { authorization: `Bearer ${key}` },
    raw: "x".repeat(10_000),
  });
  expect(heard).toMatchObject({ status: 200, json: { target: "backup" } });
  const first = await calls();
  expect(Math.abs(Number(first.backup) - Date.now())).toBeLessThan(5_000);
  // At once again: answered, not written.
  expect((await call(`backup?key=${key}`)).status).toBe(200);
  expect(await calls()).toEqual(first);

  // Who guesses has to wait; who has called before has not.
  for (let n = 0; n < 10; n += 1) await call(`backup?key=guess${n}`);
  expect(await call("backup?key=another")).toMatchObject({
    status: 429,
    headers: { "retry-after": expect.any(String) },
  });
  expect((await call(`backup?key=${key}`)).status).toBe(200);
});

test("when Redis does not take the call, the caller is told to call again", async () => {
  const options = webOptions();
  const target = makeTarget<unknown>("backup", { key: "key-of-the-backup-1" }, { kind: "heartbeat" });
  const config = { ...options.config, stateDir: scratch(), targets: new Map([["backup", target]]) };
  const web = await startWeb({ ...options, config, tokenFile: join(config.stateDir, "token") });
  onTestFinished(() => web.stop());
  const answer = await ask(`${web.url}/ping/backup?key=key-of-the-backup-1`, { method: "POST" });
  expect(answer).toMatchObject({ status: 503, json: { error: { code: "unreachable" } } });
});

test("keys are those of the config, or made from one secret of the node that only its user can read", () => {
  const stateDir = scratch();
  const of = (id: string, spec: object) =>
    [id, makeTarget<unknown>(id, spec, { kind: "heartbeat" })] as const;
  const targets = new Map([of("a", {}), of("b", {}), of("c", { key: "its-own-key-0123456" })]);
  const keys = openPingKeys({ stateDir, targets });
  expect(keys.keyOf("c")).toBe("its-own-key-0123456");
  expect(keys.keyOf("a")).toMatch(/^[\w-]{32}$/);
  expect(keys.keyOf("a")).not.toBe(keys.keyOf("b"));
  expect(keys.keyOf("d")).toBeUndefined();
  expect(openPingKeys({ stateDir, targets }).keyOf("a")).toBe(keys.keyOf("a"));
  expect(openPingKeys({ stateDir: scratch(), targets }).keyOf("a")).not.toBe(keys.keyOf("a"));
  expect(statSync(join(stateDir, "ping-key")).mode & 0o777).toBe(0o600);
  expect([keys.fits("a", keys.keyOf("a") ?? ""), keys.fits("b", keys.keyOf("a") ?? "")]).toEqual([
    true,
    false,
  ]);
});
