import { Socket } from "node:net";
import { userInfo } from "node:os";
import type { DatabaseDriver } from "./database-session.ts";

/** How long a server may take to hear a good-bye, in milliseconds. */
const goodbye = 500;

/**
 * Connects to MySQL or MariaDB with `mysql2`, which is loaded here and only now. No question runs longer than `timeout` milliseconds on
 * the server: MariaDB and MySQL have a variable of their own for that, and each skips the other's comment.
 */
export function mysqlDriver({ url, timeout }: { url: string; timeout: number }): DatabaseDriver {
  return {
    connect: async ({ onLost, signal }) => {
      const { createConnection } = await import("mysql2/promise");
      // Our own socket can be destroyed at any moment, also while it connects, and holds no process alive.
      const socket = new Socket();
      socket.unref();
      const destroy = () => void socket.destroy();
      signal.addEventListener("abort", destroy, { once: true });
      signal.throwIfAborted();
      const { path, host, port, ...login } = addressOf(url);
      socket.connect(path === undefined ? { host, port } : { path });
      const connection = await createConnection({
        ...login,
        stream: socket,
        connectTimeout: timeout,
        connectAttributes: { program_name: "healq" },
      });
      connection.on("error", onLost);
      connection.on("end", onLost);
      const seconds = Math.ceil(timeout / 1_000);
      await connection.query(
        `SET @healq = 1 /*M!100100 , SESSION max_statement_time = ${seconds} */ /*!80000 , SESSION max_execution_time = ${timeout} */`,
      );
      return {
        query: async (text, values) => {
          const [rows] = await connection.query(text, [...values]);
          return Array.isArray(rows) ? rows : [];
        },
        end: () => {
          connection.end().catch(() => undefined);
          setTimeout(destroy, goodbye).unref();
        },
      };
    },
  };
}

/** What the URL says; `?socketPath=` names a Unix socket. */
function addressOf(url: string) {
  const { hostname, port, username, password, pathname, searchParams } = new URL(
    url.replace("@/", "@localhost/"),
  );
  const path = searchParams.get("socketPath") ?? undefined;
  const database = decodeURIComponent(pathname.slice(1));
  return {
    path,
    host: hostname === "" ? "localhost" : hostname,
    port: port === "" ? 3306 : Number(port),
    // As the command `mysql` does.
    user: username === "" ? userInfo().username : decodeURIComponent(username),
    password: decodeURIComponent(password),
    ...(database === "" ? {} : { database }),
    ...(searchParams.get("ssl") === "true" ? { ssl: {} } : {}),
  };
}
