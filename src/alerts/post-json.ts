import { describeNetworkError } from "../checks/http-error.ts";
import { plain } from "../lib/plain.ts";
import { createRedactor } from "../lib/redact.ts";
import { withSignal } from "../lib/with-signal.ts";
import { HealqError } from "../model/errors.ts";

/** What is sent where. */
interface Post {
  readonly url: string;
  /** Default: POST. */
  readonly method?: string;
  readonly headers: Readonly<Record<string, string>>;
  /** The JSON text. */
  readonly body: string;
  /** How long the answer may take, in milliseconds. */
  readonly timeout: number;
  readonly signal: AbortSignal;
  /** What was cancelled when `signal` aborts: "the alert". */
  readonly what: string;
}

/**
 * Sends JSON to a webhook and resolves with the status, which is a 2xx; rejects with a `HealqError` otherwise. A redirect is not followed, since it
 * would carry the headers elsewhere. The path of a webhook is its password, as a rule, so messages name the host only.
 */
export async function postJson(post: Post): Promise<number> {
  post.signal.throwIfAborted();
  const { host } = new URL(post.url);
  const response = await send(post).catch((error: unknown) => {
    if (post.signal.aborted) throw new HealqError("webhook", `${post.what} to ${host} was cancelled`);
    throw new HealqError("webhook", `${host}: ${reasonOf(error, post.timeout)}`);
  });
  if (response.status >= 200 && response.status < 300) return response.status;
  const said = redactorOf(post)(response.said);
  throw new HealqError("webhook", `${host} answered ${response.status}${said === "" ? "" : `: ${said}`}`);
}

/** A server that refuses may say what it was asked, secrets and all. */
function redactorOf({ url, headers }: Post): (text: string) => string {
  const { pathname, search, username, password } = new URL(url);
  return createRedactor([pathname + search, pathname, search, username, password, ...Object.values(headers)]);
}

/** What fetch failed with is the cause of what it throws; some causes (a port it refuses to use) have words but no code. */
function reasonOf(error: unknown, timeout: number): string {
  const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  if (cause instanceof Error && !("code" in cause)) return plain(cause.message);
  return describeNetworkError(cause, { timeout, signal: new AbortController().signal }).reason;
}

async function send({ url, method = "POST", headers, body, timeout, signal: outer }: Post) {
  return withSignal({ signals: [outer], timeout }, async (signal) => {
    const response = await fetch(url, {
      method,
      headers: { "content-type": "application/json", "user-agent": "healq", ...headers },
      body,
      redirect: "manual",
      signal,
    });
    return {
      status: response.status,
      said: response.ok ? await discard(response) : await firstWords(response),
    };
  });
}

/** The connection is free for the next message only when the answer was read or given up. */
async function discard(response: Response): Promise<""> {
  await response.body?.cancel();
  return "";
}

/** The beginning of an answer that refuses: chat services say there what they did not like. */
async function firstWords(response: Response): Promise<string> {
  for await (const chunk of response.body ?? []) return plain(new TextDecoder().decode(chunk));
  return "";
}
