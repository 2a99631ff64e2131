import { createServer } from "node:net";
import { join } from "node:path";
import { Queue, Worker } from "bullmq";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { UnreachableError } from "../../src/model/errors.ts";
import { checkServer, connectFast, connectPatient, redisOptions } from "../../src/redis/connection.ts";
import { startRedis, type TestRedis } from "../support/redis.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

let server: TestRedis;
beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server.stop());

/** A fail-fast connection with a login of its own, closed with the test. */
async function connectAs(login: string) {
  const redis = await connectFast({ url: `unix://${login}${server.socket}` });
  onTestFinished(() => redis.disconnect());
  return redis;
}

describe("connectFast", () => {
  it("is ready when it resolves", async () => {
    expect(await (await connectAs("")).ping()).toBe("PONG");
  });

  it.each([
    ["a port nobody listens on", "redis://127.0.0.1:1", "redis://127.0.0.1:1: connection refused"],
    ["a socket that is not there", "unix:///no/such.sock", "there is no such socket"],
    ["a host nobody knows", "redis://no-such-host.invalid", "host name is not known"],
  ])("says at once what is wrong: %s", async (_, url, part) => {
    const start = performance.now();
    await expect(connectFast({ url })).rejects.toThrow(UnreachableError);
    await expect(connectFast({ url })).rejects.toThrow(part);
    expect(performance.now() - start).toBeLessThan(20_000);
  });

  it("says that the password is wrong, without showing it", async () => {
    const start = connectFast({ url: `unix://ann:hunter2@${server.socket}` });
    await expect(start).rejects.toThrow(/ann:\*\*\*@.*password is wrong/);
    await expect(start).rejects.toThrow(expect.not.stringContaining("hunter2"));
  });

  it("does not wait for a server that says nothing", async () => {
    const mute = createServer(() => undefined);
    const socket = join(scratch(), "mute.sock");
    await new Promise<void>((ready) => mute.listen(socket, ready));
    onTestFinished(() => void mute.close());
    await expect(connectFast({ socket }, 100)).rejects.toThrow("no answer within 0.1 s");
  });
});

describe("connectPatient", () => {
  it("reports why it cannot connect and keeps trying until it can", async () => {
    const failures: string[] = [];
    const redis = connectPatient({ url: "redis://:hunter2@127.0.0.1:1" }, (message) =>
      failures.push(message),
    );
    onTestFinished(() => redis.disconnect());
    await until(() => failures.length >= 3);
    expect(failures[0]).toBe("redis://:***@127.0.0.1:1: connection refused, nothing listens there");
  });

  it("gives options that BullMQ takes for queues and workers", async () => {
    const connection = redisOptions({ socket: server.socket }, "patient");
    const queue = new Queue("q", { connection });
    const worker = new Worker("q", async () => "done", { connection });
    onTestFinished(async () => {
      await worker.close();
      await queue.close();
    });
    const job = await queue.add("j", {});
    await until(async () => (await queue.getJob(job.id ?? ""))?.returnvalue === "done");
  });

  it("never pauses longer than a second between two tries", () => {
    const { retryStrategy } = redisOptions({ url: "redis://h" }, "patient");
    expect([1, 5, 100, 10_000].map((times) => retryStrategy(times))).toEqual([50, 250, 1_000, 1_000]);
  });
});

describe("checkServer", () => {
  it("finds nothing wrong with a server as it should be", async () => {
    expect(await checkServer(await connectAs(""))).toEqual([]);
  });

  it("warns of a maxmemory-policy that drops jobs", async () => {
    const redis = await connectAs("");
    await redis.config("SET", "maxmemory-policy", "allkeys-lru");
    onTestFinished(() => void redis.config("SET", "maxmemory-policy", "noeviction"));
    expect(await checkServer(redis)).toEqual([
      { severity: "warning", message: expect.stringContaining("maxmemory-policy is allkeys-lru") },
    ]);
  });

  it("says what it could not check when INFO and CONFIG are forbidden", async () => {
    const admin = await connectAs("");
    await admin.call("ACL", "SETUSER", "guest", "on", ">pw", "~*", "+@all", "-info", "-config");
    const problems = await checkServer(await connectAs("guest:pw@"));
    expect(problems).toEqual([
      { severity: "warning", message: expect.stringContaining("could not be checked") },
    ]);
  });

  it("refuses a replica", async () => {
    const redis = await connectAs("");
    await redis.call("REPLICAOF", "127.0.0.1", "1");
    onTestFinished(() => void redis.call("REPLICAOF", "NO", "ONE"));
    expect(await checkServer(redis)).toEqual([
      { severity: "problem", message: expect.stringContaining("replica") },
    ]);
  });

  it("refuses a server that is too old", async () => {
    const redis = await connectAs("");
    const info = await redis.info();
    const old = Object.assign(Object.create(redis), {
      info: async () => info.replace(/redis_version:.*/, "redis_version:6.0.16"),
    });
    expect(await checkServer(old)).toEqual([
      { severity: "problem", message: "Redis 6.0.16 is too old; healq needs 6.2 or newer" },
    ]);
  });
});
