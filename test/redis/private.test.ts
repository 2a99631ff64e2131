import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { Redis } from "ioredis";
import { describe, expect, it, onTestFinished } from "vitest";
import { silentLog } from "../../src/model/log.ts";
import {
  ensurePrivateRedis,
  type PrivateRedis,
  privateSocket,
  type RedisEvent,
  stopPrivateRedis,
} from "../../src/redis/private.ts";
import { identityOf, isAlive } from "../../src/system/procfs.ts";
import { startRedis } from "../support/redis.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const env = process.env;

/** A private Redis that is ended with the test. */
async function ensure(stateDir: string): Promise<PrivateRedis> {
  const redis = await ensurePrivateRedis({ stateDir, env, log: silentLog });
  onTestFinished(async () => {
    await redis.release();
    await stopPrivateRedis({ stateDir });
  });
  return redis;
}

/** One command to the server on a socket. */
async function ask(socket: string, ...command: [string, ...string[]]): Promise<unknown> {
  const redis = new Redis({ path: socket, maxRetriesPerRequest: null, retryStrategy: () => 10 });
  redis.on("error", () => undefined);
  try {
    return await redis.call(...command);
  } finally {
    redis.disconnect();
  }
}

describe("the private Redis", () => {
  it("runs on a socket of its own with nothing to lose and no secret in its environment", async () => {
    const stateDir = scratch();
    const redis = await ensurePrivateRedis({
      stateDir,
      env: { ...env, HEALQ_TOKEN: "hunter2" },
      log: silentLog,
    });
    onTestFinished(() => redis.stop());
    expect(redis.started).toBe(true);
    for (const [name, value] of [
      ["port", "0"],
      ["appendonly", "yes"],
      ["appendfsync", "everysec"],
      ["maxmemory-policy", "noeviction"],
      ["hz", "100"],
      ["unixsocketperm", "700"],
      ["save", ""],
    ]) {
      expect(await ask(redis.socket, "CONFIG", "GET", String(name))).toEqual([name, value]);
    }
    expect(readFileSync(`/proc/${redis.pid}/environ`, "utf8")).not.toContain("hunter2");
    expect(redis.socket).toBe(privateSocket(stateDir));
  });

  it("is adopted by the next healq, with its data, and is not started twice", async () => {
    const stateDir = scratch();
    const first = await ensure(stateDir);
    await ask(first.socket, "SET", "k", "v");
    await first.release();
    const second = await ensure(stateDir);
    expect(second).toMatchObject({ pid: first.pid, started: false });
    expect(await ask(second.socket, "GET", "k")).toBe("v");
  });

  it("is adopted even if healq died before it wrote the pid down", async () => {
    const stateDir = scratch();
    const first = await ensure(stateDir);
    rmSync(join(stateDir, "redis", "server.json"));
    await first.release();
    expect((await ensure(stateDir)).pid).toBe(first.pid);
  });

  it("is one server when two ask for it at the same moment", async () => {
    const stateDir = scratch();
    const [one, two] = await Promise.all([ensure(stateDir), ensure(stateDir)]);
    expect(two?.pid).toBe(one?.pid);
    expect([one?.started, two?.started].sort()).toEqual([false, true]);
  });

  it("starts over a stale socket file", async () => {
    const stateDir = scratch();
    const first = await ensure(stateDir);
    await first.release();
    const identity = identityOf(first.pid);
    process.kill(first.pid, "SIGKILL");
    await until(() => identity !== undefined && isAlive(identity) !== "alive");
    expect(existsSync(first.socket)).toBe(true);
    const second = await ensure(stateDir);
    expect(second.pid).not.toBe(first.pid);
    expect(await ask(second.socket, "PING")).toBe("PONG");
  });

  it("comes back with its data after kill -9, again and again, and tells", async () => {
    const redis = await ensure(scratch());
    const events: RedisEvent[] = [];
    redis.onEvent((event) => events.push(event));
    for (let round = 1; round <= 3; round += 1) {
      await ask(redis.socket, "INCR", "n");
      const pid = redis.pid;
      process.kill(pid, "SIGKILL");
      await until(() => events.filter((event) => event.type === "back").length === round, {
        what: "the server is back",
      });
      expect(redis.pid).not.toBe(pid);
      expect(await ask(redis.socket, "GET", "n")).toBe(String(round));
    }
    expect(events.map((event) => event.type)).toEqual(["died", "back", "died", "back", "died", "back"]);
    expect(Math.max(...events.map((event) => (event.type === "back" ? event.awayMs : 0)))).toBeLessThan(
      6_000,
    );
  });

  it("is brought back as one server when two healqs watch it", async () => {
    const stateDir = scratch();
    const one = await ensure(stateDir);
    const two = await ensure(stateDir);
    const pid = one.pid;
    process.kill(pid, "SIGKILL");
    await until(() => one.pid !== pid && two.pid !== pid);
    expect(two.pid).toBe(one.pid);
  });

  it("stays dead when it was stopped, and leaves no socket", async () => {
    const stateDir = scratch();
    const redis = await ensure(stateDir);
    const identity = identityOf(redis.pid);
    await ask(redis.socket, "SET", "k", "v");
    await redis.stop();
    expect(identity === undefined || isAlive(identity)).not.toBe("alive");
    expect(existsSync(redis.socket)).toBe(false);
    expect(await stopPrivateRedis({ stateDir })).toEqual({ pid: null });
    const again = await ensure(stateDir);
    expect(await ask(again.socket, "GET", "k")).toBe("v");
  });

  it("is ended by SIGTERM when its socket is gone", async () => {
    const stateDir = scratch();
    const redis = await ensure(stateDir);
    const pid = redis.pid;
    await redis.release();
    rmSync(redis.socket);
    expect(await stopPrivateRedis({ stateDir })).toEqual({ pid });
  });

  it("is ended and started anew when somebody removed its socket", async () => {
    const stateDir = scratch();
    const first = await ensure(stateDir);
    await ask(first.socket, "SET", "k", "v");
    await first.release();
    rmSync(first.socket);
    const second = await ensure(stateDir);
    expect(second.pid).not.toBe(first.pid);
    expect(await ask(second.socket, "GET", "k")).toBe("v");
  });

  it("lives under a path that is too long for a socket", async () => {
    const stateDir = join(scratch(), "d".repeat(100));
    // Registered before the server's own end, so it runs after it.
    onTestFinished(() => rmSync(shortFolder, { recursive: true, force: true }));
    const shortFolder = dirname(privateSocket(stateDir));
    const redis = await ensure(stateDir);
    expect(Buffer.byteLength(redis.socket)).toBeLessThanOrEqual(107);
    expect(await ask(redis.socket, "CONFIG", "GET", "dir")).toEqual(["dir", join(stateDir, "redis")]);
    const second = await ensure(stateDir);
    expect(second.pid).toBe(redis.pid);
  });
});

describe("a private Redis that cannot start", () => {
  it("names the install command when there is no program on PATH", async () => {
    const start = ensurePrivateRedis({ stateDir: scratch(), env: { PATH: "/nonexistent" }, log: silentLog });
    await expect(start).rejects.toMatchObject({ name: "HealqError", code: "redis-missing", exitCode: 3 });
    await expect(start).rejects.toThrow(/no redis-server or valkey-server on PATH.*(Install|install)/);
  });

  it("names HEALQ_REDIS_SERVER when that is what is wrong", async () => {
    const start = ensurePrivateRedis({
      stateDir: scratch(),
      env: { ...env, HEALQ_REDIS_SERVER: "/no/such" },
      log: silentLog,
    });
    await expect(start).rejects.toThrow('HEALQ_REDIS_SERVER names "/no/such"');
  });

  it("tells the program's last words", async () => {
    const folder = scratch();
    const program = join(folder, "odd-server");
    writeFileSync(program, "#!/bin/sh\necho 'the moon is wrong'\nexit 7\n", { mode: 0o755 });
    const start = ensurePrivateRedis({
      stateDir: join(folder, "s"),
      env: { ...env, HEALQ_REDIS_SERVER: program },
      log: silentLog,
    });
    await expect(start).rejects.toThrow(/odd-server did not start .*the moon is wrong/);
  });

  it("does not repair a damaged append-only file, and says how to", async () => {
    const { stateDir, file } = await withData();
    const text = readFileSync(file);
    text.write("garbage garbage", text.indexOf("SET") - 8);
    writeFileSync(file, text);
    await expect(ensurePrivateRedis({ stateDir, env, log: silentLog })).rejects.toThrow(
      /damaged.*cp -a .*appendonlydir.* && .*redis-check-aof --fix .*appendonly.aof.manifest/,
    );
    expect(readFileSync(file)).toEqual(text);
  });

  it("loads a file that ends in the middle of a command, and warns", async () => {
    const { stateDir, file } = await withData();
    truncateSync(file, readFileSync(file).length - 5);
    const warnings: string[] = [];
    const redis = await ensurePrivateRedis({
      stateDir,
      env,
      log: { ...silentLog, warn: (_, line) => warnings.push(line) },
    });
    onTestFinished(() => redis.stop());
    expect(await ask(redis.socket, "GET", "first")).toBe("1");
    expect(warnings.join()).toContain("ended in the middle of a command");
  });

  it("does not touch another Redis on its socket", async () => {
    const stateDir = scratch();
    const foreign = await startRedis();
    onTestFinished(() => foreign.stop());
    mkdirSync(join(stateDir, "redis"));
    // A proxy on our socket leads to the foreign server.
    const { connect } = await import("node:net");
    const proxy = createServer((client) => {
      const server = connect(foreign.socket);
      client.pipe(server).pipe(client);
      client.on("error", () => undefined);
      server.on("error", () => undefined);
    });
    await new Promise<void>((ready) => proxy.listen(privateSocket(stateDir), ready));
    onTestFinished(() => void proxy.close());
    await expect(ensurePrivateRedis({ stateDir, env, log: silentLog })).rejects.toThrow(
      /another Redis .*listens on/,
    );
    expect(await ask(foreign.socket, "PING")).toBe("PONG");
  });

  it("stops waiting when it is told to", async () => {
    const stateDir = scratch();
    mkdirSync(join(stateDir, "redis"));
    const mute = createServer(() => undefined);
    await new Promise<void>((ready) => mute.listen(privateSocket(stateDir), ready));
    onTestFinished(() => void mute.close());
    const signal = AbortSignal.timeout(50);
    await expect(ensurePrivateRedis({ stateDir, env, log: silentLog, signal })).rejects.toThrow();
    expect(readdirSync(join(stateDir, "redis"))).toEqual(["redis.sock"]);
  });
});

/** A stopped private Redis with two keys in its append-only file. */
async function withData(): Promise<{ stateDir: string; file: string }> {
  const stateDir = scratch();
  const redis = await ensurePrivateRedis({ stateDir, env, log: silentLog });
  await ask(redis.socket, "SET", "first", "1");
  await ask(redis.socket, "SET", "second", "2");
  await redis.stop();
  const folder = join(stateDir, "redis", "appendonlydir");
  const name = readdirSync(folder).find((entry) => entry.endsWith(".incr.aof"));
  return { stateDir, file: join(folder, String(name)) };
}
