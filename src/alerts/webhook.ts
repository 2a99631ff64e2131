import * as z from "zod";
import { describeNetworkError } from "../checks/http-error.ts";
import { headersField, urlField } from "../checks/http-expect.ts";
import { plain } from "../checks/looks.ts";
import { duration } from "../lib/fields.ts";
import { type Alert, type ChannelContext, defineChannel } from "../model/alert.ts";
import { HealqError } from "../model/errors.ts";
import { alertJson } from "./text.ts";

const schema = z.strictObject({
  url: urlField().describe(
    "Where the alert is POSTed as JSON: { text, node, target, event, severity, critical, message, incident, at }.",
  ),
  headers: headersField().prefault({}).describe("Request headers, e.g. { X-Api-Key: the key }."),
  timeout: duration().prefault("10s").describe("How long the answer may take. Default: 10s."),
});

type Params = z.output<typeof schema>;

/** POSTs the alert. Any 2xx is success; a redirect is not followed, since it would carry the headers elsewhere. */
export const webhook = defineChannel<Params>({
  channel: "webhook",
  summary: "a POST with the alert as JSON",
  schema,
  send,
});

async function send(alert: Alert, params: Params, context: ChannelContext): Promise<void> {
  context.signal.throwIfAborted();
  // The path of a webhook is its password, as a rule, so messages name the host only.
  const { host } = new URL(params.url);
  const response = await post(alert, params, context).catch((error: unknown) => {
    if (context.signal.aborted) throw new HealqError("webhook", `the alert to ${host} was cancelled`);
    throw new HealqError("webhook", `${host}: ${reasonOf(error, params.timeout)}`);
  });
  if (response.status >= 200 && response.status < 300) return;
  throw new HealqError(
    "webhook",
    `${host} answered ${response.status}${response.said === "" ? "" : `: ${response.said}`}`,
  );
}

/** What fetch failed with is the cause of what it throws; some causes (a port it refuses to use) have words but no code. */
function reasonOf(error: unknown, timeout: number): string {
  const cause = error instanceof TypeError && error.cause !== undefined ? error.cause : error;
  if (cause instanceof Error && !("code" in cause)) return plain(cause.message);
  return describeNetworkError(cause, { timeout, signal: new AbortController().signal }).reason;
}

async function post(
  alert: Alert,
  params: Params,
  context: ChannelContext,
): Promise<{ status: number; said: string }> {
  const response = await fetch(params.url, {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "healq", ...params.headers },
    body: alertJson(alert),
    redirect: "manual",
    signal: AbortSignal.any([context.signal, AbortSignal.timeout(params.timeout)]),
  });
  return {
    status: response.status,
    said: response.ok ? await discard(response) : await firstWords(response),
  };
}

/** The connection is free for the next alert only when the answer was read or given up. */
async function discard(response: Response): Promise<""> {
  await response.body?.cancel();
  return "";
}

/** The beginning of an answer that refuses: chat services say there what they did not like. */
async function firstWords(response: Response): Promise<string> {
  for await (const chunk of response.body ?? []) return plain(new TextDecoder().decode(chunk));
  return "";
}
