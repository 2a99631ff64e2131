import { plain } from "../lib/plain.ts";
import { messageOf } from "../model/errors.ts";
import type { ServerFault } from "./database-fault.ts";
import { describeNetworkError } from "./http-error.ts";

/** Codes of the server. Source: PostgreSQL, appendix A "Error Codes". */
const said: Readonly<Record<string, ServerFault>> = {
  "53300": { is: "full", reason: "has no connection left" },
  "57P01": { is: "down", reason: "is shutting down" },
  "57P02": { is: "down", reason: "crashed, and is recovering" },
  "57P03": { is: "down", reason: "takes no connections: it is starting up, shutting down or recovering" },
  "28P01": { is: "unsure", reason: "refuses the password; set the right one in url, or by PGPASSWORD" },
  "28000": { is: "unsure", reason: "does not let this user in; see its pg_hba.conf" },
  "3D000": { is: "unsure", reason: "has no such database; name another one in url" },
  "42501": { is: "unsure", reason: "does not allow this; GRANT pg_monitor TO the user of url" },
  "42703": {
    is: "unsure",
    reason: "is older than PostgreSQL 14, which is needed to tell how long a session waits",
  },
  "57014": {
    is: "unsure",
    reason: "answers, but too slowly to be looked at; give the target a longer timeout",
  },
};

/** Explains an error of the driver. It never says a password: neither the server nor the driver repeats one. */
export function explainPostgresError(
  error: unknown,
  within: { timeout: number; signal: AbortSignal },
): ServerFault {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const known = said[code];
  if (known !== undefined) return known;
  if (/^[0-9A-Z]{5}$/.test(code)) return { is: "unsure", reason: `says ${code}: ${plain(messageOf(error))}` };
  if (code === "ENOENT") return { is: "down", reason: "has no such socket" };
  if (code === "" && !(error instanceof DOMException)) return withoutCode(messageOf(error));
  const { reason, cannotTell } = describeNetworkError(error, within);
  return { is: cannotTell ? "unsure" : "down", reason };
}

/** Errors of the driver itself, which have no codes. */
function withoutCode(message: string): ServerFault {
  if (/^Connection terminated|^timeout expired/.test(message))
    return { is: "down", reason: "closed the connection without an answer" };
  if (/client password must be/.test(message))
    return { is: "unsure", reason: "asks for a password; set one in url, or by PGPASSWORD" };
  return { is: "unsure", reason: `cannot be asked: ${plain(message)}` };
}
