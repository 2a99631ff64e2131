import * as z from "zod";
import { duration, id, share } from "../lib/fields.ts";
import { nameOrNames } from "./database-only.ts";

/** The fields of a `mysql` target. */
export const mysqlSchema = z.strictObject({
  url: z
    .string()
    .refine((text) => /^(?:mysql|mariadb):$/.test(parsed(text)?.protocol ?? ""), {
      error: "must be a URL that starts with mysql:// or mariadb://",
    })
    .describe(
      "The server: `mysql://user:password@host:3306`; without a user the one healq runs as; `?socketPath=/run/mysqld/mysqld.sock` for a Unix socket, `?ssl=true` for TLS.",
    ),
  blockedFor: duration()
    .prefault("30s")
    .describe(
      "Blocked when a transaction has waited for a row lock for so long, in whole seconds. Default: 30s.",
    ),
  idleInTransaction: duration()
    .optional()
    .describe(
      "A session may do nothing in an open transaction for so long, in whole seconds. Default: as long as it blocks nobody, for ever.",
    ),
  connections: share()
    .prefault("90%")
    .describe("Warns when so many of max_connections are in use; critical when all are. Default: 90%."),
  only: z
    .strictObject({
      user: nameOrNames().optional().describe("The user, without the host, or one of these."),
      database: nameOrNames().optional().describe("The default database of the session, or one of these."),
    })
    .refine((only) => Object.keys(only).length > 0, {
      error: "names nobody; it needs user, database, or both",
    })
    .optional()
    .describe(
      "Whose sessions cures may end; all that is given must fit. Default: nobody's, and people are called.",
    ),
  target: id().optional().describe("The target that runs the server, and is healed when it is down."),
});

/** As parsed. */
export type MysqlSpec = z.output<typeof mysqlSchema>;

/** The spec of a target that is known to be of the kind `mysql`. */
export function mysqlSpecOf(spec: unknown): MysqlSpec {
  // The config gives a target of a kind only what the schema of that kind parsed.
  return spec as MysqlSpec;
}

/** The server's address for messages: never with user, password or options. */
export function shownMysql(url: string): string {
  const address = parsed(url);
  if (address === undefined) return "the server";
  const { hostname, port, searchParams } = address;
  return (
    searchParams.get("socketPath") ??
    `${hostname === "" ? "localhost" : hostname}:${port === "" ? 3306 : port}`
  );
}

function parsed(text: string): URL | undefined {
  const url = text.replace("@/", "@localhost/");
  return URL.canParse(url) ? new URL(url) : undefined;
}
