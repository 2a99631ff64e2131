import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { startWeb } from "../../src/web/server.ts";
import { createThrottle } from "../../src/web/throttle.ts";
import { scratch } from "../support/scratch.ts";
import { ask } from "./ask.ts";
import { asOperator, startRig, webOptions } from "./rig.ts";

test("a port in use is said with host and port, and no token is made that nobody would see", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", () => resolve()));
  onTestFinished(() => void other.close());
  const address = other.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const tokenFile = join(scratch(), "token");
  const started = startWeb({ ...webOptions(), port, tokenFile });
  await expect(started).rejects.toMatchObject({
    code: "port-in-use",
    message: expect.stringContaining(`127.0.0.1:${port} is in use`),
  });
  expect(existsSync(tokenFile)).toBe(false);
});

test("a host that is not of this machine is an error that names it", async () => {
  const started = startWeb({ ...webOptions(), host: "192.0.2.1", tokenFile: join(scratch(), "token") });
  await expect(started).rejects.toMatchObject({
    code: "cannot-listen",
    message: expect.stringContaining("192.0.2.1"),
  });
});

test("on every address any Host is served, and the login still guards", async () => {
  const { url } = await startRig({ host: "0.0.0.0" });
  const headers = { host: "healq.example:3210" };
  expect((await ask(`${url}/healthz`, { headers })).status).toBe(200);
  expect((await ask(`${url}/api/status`, { headers })).status).toBe(401);
  expect((await ask(`${url}/api/status`, { headers: { ...headers, ...asOperator } })).status).toBe(200);
});

test("the wait after wrong logins ends with its window, also when the clock jumps back", () => {
  let now = 1_000_000;
  const throttle = createThrottle({ now: () => now });
  const guess = (from: number) => {
    for (let n = 0; n < 10; n++) throttle.failed("192.0.2.7", `guess-${from + n}`);
  };
  guess(0);
  expect(throttle.wait("192.0.2.7", "x")).toBe(60_000);
  expect(throttle.wait("192.0.2.8", "x")).toBeUndefined();
  now += 60_000;
  expect(throttle.wait("192.0.2.7", "x")).toBeUndefined();
  guess(10);
  now -= 3_600_000;
  expect(throttle.wait("192.0.2.7", "x")).toBeUndefined();
});
