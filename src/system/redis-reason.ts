import { messageOf } from "../model/errors.ts";

/** Why a connection failed, in words; a server that is too old for the protocol is called by that name. */
export function redisReason(error: unknown): string {
  const text = error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
  if (/ECONNREFUSED/.test(text)) return "connection refused, nothing listens there";
  if (/ENOENT/.test(text)) return "there is no such socket";
  if (/EACCES/.test(text)) return "permission denied";
  if (/ENOTFOUND|EAI_AGAIN/.test(text)) return "the host name is not known";
  if (/ETIMEDOUT/.test(text)) return "no answer";
  if (/WRONGPASS|NOAUTH|invalid password/i.test(text)) return "the user name or password is wrong or missing";
  if (/NOPROTO|unknown command .?HELLO/i.test(text))
    return "the server is older than Redis 6; healq needs 6.2 or newer";
  return text;
}
