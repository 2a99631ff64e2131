import { plain } from "../lib/plain.ts";
import { messageOf } from "../model/errors.ts";
import type { ServerFault } from "./database-fault.ts";
import { describeNetworkError } from "./http-error.ts";

/** Codes of the server, as the driver names them. Source: MariaDB, "Error Codes"; MySQL, "Server Error Message Reference". */
const said: Readonly<Record<string, ServerFault>> = {
  ER_CON_COUNT_ERROR: { is: "full", reason: "has no connection left" },
  ER_TOO_MANY_USER_CONNECTIONS: { is: "full", reason: "has no connection left for this user" },
  ER_SERVER_SHUTDOWN: { is: "down", reason: "is shutting down" },
  ER_ACCESS_DENIED_ERROR: { is: "unsure", reason: "refuses user or password; set the right ones in url" },
  ER_ACCESS_DENIED_NO_PASSWORD_ERROR: {
    is: "unsure",
    reason: "refuses user or password; set the right ones in url",
  },
  ER_DBACCESS_DENIED_ERROR: { is: "unsure", reason: "does not let this user into the database of url" },
  ER_HOST_NOT_PRIVILEGED: { is: "unsure", reason: "does not let this host in" },
  ER_HOST_IS_BLOCKED: {
    is: "unsure",
    reason: "has blocked this host after many failed connections; FLUSH HOSTS ends that",
  },
  ER_BAD_DB_ERROR: { is: "unsure", reason: "has no such database; name another one in url, or none" },
  ER_SPECIFIC_ACCESS_DENIED_ERROR: {
    is: "unsure",
    reason: "does not show its transactions; GRANT PROCESS ON *.* TO the user of url",
  },
  ER_STATEMENT_TIMEOUT: {
    is: "unsure",
    reason: "answers, but too slowly to be looked at; give the target a longer timeout",
  },
  ER_QUERY_TIMEOUT: {
    is: "unsure",
    reason: "answers, but too slowly to be looked at; give the target a longer timeout",
  },
  PROTOCOL_CONNECTION_LOST: { is: "down", reason: "closed the connection without an answer" },
  ENOENT: { is: "down", reason: "has no such socket" },
};

/** Explains an error of the driver. Messages of the server may repeat a user's name, never a password. */
export function explainMysqlError(
  error: unknown,
  within: { timeout: number; signal: AbortSignal },
): ServerFault {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = said[code];
  if (known !== undefined) return known;
  if (code.startsWith("ER_")) return { is: "unsure", reason: `says ${code}: ${plain(messageOf(error))}` };
  if (code === "" && !(error instanceof DOMException))
    return { is: "unsure", reason: `cannot be asked: ${plain(messageOf(error))}` };
  const { reason, cannotTell } = describeNetworkError(error, within);
  return { is: cannotTell ? "unsure" : "down", reason };
}
