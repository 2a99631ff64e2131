import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { appendFileSync, chownSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { afterAll, onTestFinished } from "vitest";
import { makeScratch } from "./scratch.ts";
import { until } from "./wait.ts";

/** A PostgreSQL server of the tests' own, on a Unix socket. */
export interface TestPostgres {
  /** Of its database `postgres`; the user is `postgres` unless given. */
  url(user?: string): string;
  /** A connection; ended with the current test. */
  connect(application?: string, user?: string): Promise<pg.Client>;
  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** It serves 8 ordinary connections, so that they are soon all taken. The role `locked` needs its password, `correct-horse`. */
export async function startPostgres(): Promise<TestPostgres> {
  const folder = makeScratch();
  const owner = ownerOf(folder);
  const data = join(folder, "data");
  execFileSync(
    program("initdb"),
    ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "--locale=C", "-E", "UTF8"],
    {
      stdio: "ignore",
      cwd: "/",
      ...owner,
    },
  );
  writeFileSync(
    join(data, "pg_hba.conf"),
    "local all locked scram-sha-256\nlocal all all trust\nlocal replication all trust\n",
  );
  appendFileSync(join(data, "postgresql.conf"), settings(folder));
  const url = (user = "postgres") =>
    `postgres://${user}${user === "locked" ? ":correct-horse" : ""}@/postgres?host=${encodeURIComponent(folder)}`;

  const start = async (): Promise<ChildProcess> => {
    const child = spawn(program("postgres"), ["-D", data], { stdio: "ignore", cwd: "/", ...owner });
    await until(() => answers(url()), { within: 15_000, what: "postgres answers" });
    return child;
  };
  let server = await start();
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    // SIGQUIT: at once, children and all; it may have been stopped by a test.
    server.kill("SIGCONT");
    server.kill("SIGQUIT");
    await gone;
  };
  return {
    url,
    connect: (application = "worker", user) => connect(url(user), application),
    kill,
    restart: async () => {
      server = await start();
    },
    stop: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function settings(folder: string): string {
  return [
    "",
    "listen_addresses = ''",
    `unix_socket_directories = '${folder}'`,
    "max_connections = 11",
    "superuser_reserved_connections = 3",
    "max_prepared_transactions = 2",
    "fsync = off",
    "shared_buffers = 1MB",
    "autovacuum = off",
    "client_connection_check_interval = 100ms",
    "",
  ].join("\n");
}

/** PostgreSQL does not run as root; then it runs as its own user. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "postgres"])));
  chownSync(folder, uid, gid);
  return { uid, gid };
}

/** Debian keeps the server's programs off PATH, a folder per version. */
function program(name: string): string {
  const root = "/usr/lib/postgresql";
  try {
    const [newest] = readdirSync(root).sort((a, b) => Number(b) - Number(a));
    if (newest !== undefined) return join(root, newest, "bin", name);
  } catch {
    // Not Debian: it is on PATH.
  }
  return name;
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

async function connect(url: string, application: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: url, application_name: application });
  client.on("error", () => undefined);
  await client.connect();
  onTestFinished(async () => void (await client.end().catch(() => undefined)));
  return client;
}

/** Sessions that hold a lock on one table and wait for it. */
export interface Blocked {
  readonly blocker: pg.Client;
  /** The pid of the blocker. */
  readonly pid: number;
  /** Settles when the one that waits got the lock, or lost its connection. */
  readonly waiter: Promise<unknown>;
}

/** One session blocks another; `running` a statement for ten minutes, else idle in its transaction; `besides` another block. */
export async function block(
  server: TestPostgres,
  {
    running = false,
    besides = false,
    application = "worker",
    user,
  }: { running?: boolean; besides?: boolean; application?: string; user?: string } = {},
): Promise<Blocked> {
  // What an earlier test left takes the server a moment to notice.
  if (!besides) await untilWaiting(server, (count) => count === 0);
  const blocker = await server.connect(application, user);
  const waiting = await server.connect("waiter");
  const key = Math.floor(Math.random() * 1e9);
  await blocker.query("BEGIN");
  await blocker.query("SELECT pg_advisory_xact_lock($1)", [key]);
  const pid = await pidOf(blocker);
  if (running) blocker.query("SELECT pg_sleep(600) /* 'a secret of ours' */").catch(() => undefined);
  const waiter = waiting.query("SELECT pg_advisory_xact_lock($1)", [key]);
  waiter.catch(() => undefined);
  await untilWaiting(server, (count) => count >= (besides ? 2 : 1));
  return { blocker, pid, waiter };
}

export async function pidOf(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ pid: number }>("SELECT pg_backend_pid() AS pid");
  return rows[0]?.pid ?? 0;
}

/** Resolves when `enough` sessions wait for locks. */
export async function untilWaiting(server: TestPostgres, enough: (count: number) => boolean): Promise<void> {
  const client = await server.connect("watcher");
  const question = "SELECT count(DISTINCT pid)::int AS n FROM pg_locks WHERE NOT granted";
  await until(async () => enough((await client.query<{ n: number }>(question)).rows[0]?.n ?? 0), {
    what: "so many sessions wait",
  });
  await client.end();
}

/** One server for the tests of a file, started by the first that asks for it. */
export function lazyPostgres(): () => Promise<TestPostgres> {
  let server: Promise<TestPostgres> | undefined;
  afterAll(async () => (await server)?.stop());
  return () => {
    server ??= startPostgres();
    return server;
  };
}
