import { execFileSync, spawn } from "node:child_process";
import { chownSync, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Connection, createConnection } from "mysql2/promise";
import { afterAll, onTestFinished } from "vitest";
import { makeScratch } from "./scratch.ts";
import { until } from "./wait.ts";

/** A MariaDB server of the tests' own, on a Unix socket. */
export interface TestMysql {
  /** As `root`, who has no password, or as a user of the test's. */
  url(user?: string): string;
  /** A connection; ended with the current test. */
  connect(user?: string): Promise<Connection>;
  /** Ends it at once; resolves when it is gone. */
  kill(): Promise<void>;
  stop(): Promise<void>;
}

const small = [
  "--innodb-buffer-pool-size=8M",
  "--innodb-log-file-size=4M",
  "--innodb-flush-log-at-trx-commit=0",
];

/** It takes 10 connections, and one more of an administrator. */
export async function startMysql(): Promise<TestMysql> {
  const folder = makeScratch();
  const owner = ownerOf(folder);
  const data = join(folder, "data");
  mkdirSync(data);
  if (owner.uid !== undefined && owner.gid !== undefined) chownSync(data, owner.uid, owner.gid);
  const common = ["--no-defaults", `--datadir=${data}`, ...small];
  const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin`, TMPDIR: folder };
  const install = ["--auth-root-authentication-method=normal", "--skip-test-db", "--skip-name-resolve"];
  execFileSync("mariadb-install-db", [...common, ...install], { stdio: "ignore", cwd: "/", env, ...owner });
  const socket = join(folder, "s");
  const flags = [
    `--socket=${socket}`,
    "--skip-networking",
    "--max-connections=10",
    `--pid-file=${join(folder, "pid")}`,
  ];
  const server = spawn("mariadbd", [...common, ...flags], {
    stdio: "ignore",
    cwd: "/",
    env,
    ...owner,
  });
  const url = (user = "root") => `mysql://${user}@localhost?socketPath=${encodeURIComponent(socket)}`;
  const open = (user = "root") => createConnection({ socketPath: socket, user });
  await until(() => open().then((connection) => connection.end().then(() => true)), {
    within: 20_000,
    what: "mariadbd answers",
  });
  // A server does not notice that the client of a statement that sleeps has left.
  const keeper = await open();
  keeper.on("error", () => undefined);
  const gone = async (id: number) => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    await keeper.query(`KILL CONNECTION ${id}`).catch(() => undefined);
    const question = `SELECT 1 FROM information_schema.PROCESSLIST WHERE ID = ${id}`;
    await until(async () => String((await keeper.query(question))[0]) === "", {
      what: "the session is gone",
    });
  };
  const kill = async () => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const gone = new Promise((resolve) => server.once("exit", resolve));
    server.kill("SIGKILL");
    await gone;
  };
  return {
    url,
    connect: async (user) => {
      const connection = await open(user);
      connection.on("error", () => undefined);
      onTestFinished(async () => {
        connection.destroy();
        await gone(connection.threadId);
      });
      return connection;
    },
    kill,
    stop: async () => {
      keeper.destroy();
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** As root it runs as its own user. */
function ownerOf(folder: string): { uid?: number; gid?: number } {
  if (process.getuid?.() !== 0) return {};
  const [uid = 0, gid = 0] = ["-u", "-g"].map((flag) => Number(execFileSync("id", [flag, "mysql"])));
  chownSync(folder, uid, gid);
  return { uid, gid };
}

/** One server for the tests of a file, started by the first that asks for it. */
export function lazyMysql(): () => Promise<TestMysql> {
  let server: Promise<TestMysql> | undefined;
  afterAll(async () => (await server)?.stop());
  return () => {
    server ??= startMysql();
    return server;
  };
}

/** Sessions of which one holds a row and the other waits for it. */
export interface BlockedRow {
  readonly blocker: Connection;
  /** The id of the blocker's connection. */
  readonly id: number;
  /** Settles when the one that waits got the row. */
  readonly waiter: Promise<unknown>;
}

/** One session blocks another; `running` one statement of ten minutes, else idle in its transaction. The table is the test's own. */
export async function blockRow(
  server: TestMysql,
  { running = false, user = "worker" }: { running?: boolean; user?: string } = {},
): Promise<BlockedRow> {
  const admin = await server.connect();
  const table = `shop.t${Math.floor(Math.random() * 1e9)}`;
  await admin.query("CREATE DATABASE IF NOT EXISTS shop");
  await admin.query(`CREATE OR REPLACE USER ${user}`);
  await admin.query(`GRANT ALL ON shop.* TO ${user}`);
  await admin.query(`CREATE TABLE ${table} (id INT PRIMARY KEY, n INT) ENGINE=InnoDB`);
  await admin.query(`INSERT INTO ${table} VALUES (1, 1), (2, 2), (3, 3)`);
  const blocker = await server.connect(user);
  const id = blocker.threadId;
  if (!running) await blocker.query("START TRANSACTION");
  if (running)
    blocker.query(`UPDATE ${table} SET n = n + SLEEP(600) /* 'a secret of ours' */`).catch(() => undefined);
  else await blocker.query(`UPDATE ${table} SET n = 7`);
  const waiting = await server.connect(user);
  const locked = async () => {
    const [rows] = await admin.query(
      `SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ${id} AND trx_rows_locked > 0`,
    );
    return Array.isArray(rows) && rows.length > 0;
  };
  await until(locked, { what: "the row is locked", every: 150 });
  const waiter = waiting.query(`UPDATE ${table} SET n = 8 WHERE id = 1`);
  waiter.catch(() => undefined);
  await until(
    async () => {
      const [rows] = await admin.query(
        `SELECT 1 FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = ${waiting.threadId} AND trx_wait_started IS NOT NULL`,
      );
      return Array.isArray(rows) && rows.length > 0;
    },
    { what: "a session waits", every: 150 },
  );
  return { blocker, id, waiter };
}
