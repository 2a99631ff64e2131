import * as z from "zod";
import { postJson } from "../alerts/post-json.ts";
import { headersField, urlField } from "../checks/http-expect.ts";
import { formatDuration } from "../lib/duration.ts";
import { duration } from "../lib/fields.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const long = z.strictObject({
  url: urlField().describe("Where it is sent, as JSON: { target, kind, symptom, message, at }."),
  method: z.enum(["POST", "PUT", "PATCH", "DELETE"]).default("POST").describe("Default: POST."),
  headers: headersField().prefault({}).describe("Request headers, e.g. { X-Api-Key: the key }."),
  timeout: duration().prefault("10s").describe("How long the answer may take. Default: 10s."),
});

type Params = z.output<typeof long>;

const schema = z.union([
  urlField().transform((url): Params => ({ url, method: "POST", headers: {}, timeout: 10_000 })),
  long,
]);

/** Tells another program of the fault, which does what it can. Any 2xx is success; a redirect is not followed. */
export const webhook = defineRemedy<Params>({
  remedy: "webhook",
  summary: "sends the fault as JSON to an address that cures it",
  schema,
  kinds: "all",
  cures: true,
  plan: async (context, params) => linesOf([stepOf(context, params)]),
  apply: (context, params) => takeSteps([stepOf(context, params)], context),
});

function stepOf({ target, finding, signal }: RemedyContext, params: Params): CureStep {
  const { host } = new URL(params.url);
  const { method, timeout } = params;
  return {
    // The path may be a password.
    line: `${method} to ${host}, at most ${formatDuration(timeout)}`,
    act: async () => {
      const at = new Date().toISOString();
      const fault = { symptom: finding?.symptom ?? null, message: finding?.message ?? null };
      const body = JSON.stringify({ target: target.id, kind: target.kind, ...fault, at });
      return { host, status: await postJson({ ...params, body, signal, what: "the webhook" }) };
    },
  };
}
