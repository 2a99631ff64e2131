import * as z from "zod";
import { duration, id, share } from "../lib/fields.ts";
import { onlyField } from "./database-only.ts";

/** The fields of a `postgres` target. */
export const postgresSchema = z.strictObject({
  url: z
    .string()
    .refine((text) => /^postgres(?:ql)?:$/.test(parsed(text)?.protocol ?? ""), {
      error: "must be a URL that starts with postgres://",
    })
    .describe(
      "The server: `postgres://user:password@host:5432/database`, or `postgres:///database?host=/var/run/postgresql` for a Unix socket. What it leaves out comes from the variables PGHOST, PGUSER, PGPASSWORD …, or ~/.pgpass.",
    ),
  blockedFor: duration()
    .prefault("30s")
    .describe("Blocked when a session has waited for a lock for so long. Default: 30s."),
  idleInTransaction: duration()
    .optional()
    .describe(
      "A session may do nothing in an open transaction for so long. Default: as long as it blocks nobody, for ever.",
    ),
  connections: share()
    .prefault("90%")
    .describe(
      "Warns when so many of the connections for ordinary users are in use; critical when all are. Default: 90%.",
    ),
  only: onlyField()
    .optional()
    .describe(
      "Whose sessions cures may cancel or end; all that is given must fit. Default: nobody's, and people are called.",
    ),
  target: id().optional().describe("The target that runs the server, and is healed when it is down."),
});

/** As parsed. */
export type PostgresSpec = z.output<typeof postgresSchema>;

/** The spec of a target that is known to be of the kind `postgres`. */
export function postgresSpecOf(spec: unknown): PostgresSpec {
  // The config gives a target of a kind only what the schema of that kind parsed.
  return spec as PostgresSpec;
}

/** The server's address for messages: never with user, password or options. */
export function shownServer(url: string): string {
  const address = parsed(url);
  if (address === undefined) return "the server";
  const { hostname, port, pathname, searchParams } = address;
  const host = searchParams.get("host") ?? (hostname === "" ? (process.env.PGHOST ?? "localhost") : hostname);
  return `${decodeURIComponent(host)}${port === "" ? "" : `:${port}`}${pathname}`;
}

/** `user@/database`, with the host among the options, is common for Unix sockets, and no URL. */
function parsed(text: string): URL | undefined {
  const url = text.replace("@/", "@localhost/");
  return URL.canParse(url) ? new URL(url) : undefined;
}
