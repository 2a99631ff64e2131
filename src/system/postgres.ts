import { Socket } from "node:net";
import type { DatabaseDriver } from "./database-session.ts";

/** How long a server may take to hear a good-bye, in milliseconds. */
const goodbye = 500;

/**
 * Connects to PostgreSQL with `pg`, which is loaded here and only now. What the URL leaves out comes from the `PG*` variables and
 * `~/.pgpass`, as with psql. No statement runs longer than `timeout` milliseconds on the server.
 */
export function postgresDriver({ url, timeout }: { url: string; timeout: number }): DatabaseDriver {
  return {
    connect: async ({ onLost, signal }) => {
      const { default: pg } = await import("pg");
      // Our own socket can be destroyed at any moment, also while it connects, and holds no process alive.
      const socket = new Socket();
      socket.unref();
      const destroy = () => void socket.destroy();
      signal.addEventListener("abort", destroy, { once: true });
      signal.throwIfAborted();
      const client = new pg.Client({
        connectionString: url,
        application_name: "healq",
        statement_timeout: timeout,
        keepAlive: true,
        stream: () => socket,
      });
      client.on("error", onLost);
      client.on("end", onLost);
      await client.connect();
      return {
        query: async (text, values) => {
          try {
            return (await client.query<object>({ text, values: [...values] })).rows;
          } catch (error) {
            if (isEnd(error)) onLost();
            throw error;
          }
        },
        end: () => {
          client.end().catch(() => undefined);
          setTimeout(destroy, goodbye).unref();
        },
      };
    },
  };
}

/** The server says that it ends the session: 57P01 and its like, or a connection exception. Source: PostgreSQL, appendix A. */
function isEnd(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^(?:57P|08)/.test(String(error.code));
}
