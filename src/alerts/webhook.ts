import * as z from "zod";
import { headersField, urlField } from "../checks/http-expect.ts";
import { duration } from "../lib/fields.ts";
import { defineChannel } from "../model/alert.ts";
import { postJson } from "./post-json.ts";
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
  send: async (alert, params, { signal }) => {
    await postJson({ ...params, body: alertJson(alert), signal, what: "the alert" });
  },
});
