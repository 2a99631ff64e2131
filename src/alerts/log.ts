import * as z from "zod";
import { defineChannel } from "../model/alert.ts";
import { alertText } from "./text.ts";

const schema = z.strictObject({});

/** One line in healq's own log. */
export const log = defineChannel<z.output<typeof schema>>({
  channel: "log",
  summary: "a line in healq's own log",
  schema,
  local: true,
  send: async (alert, _params, context) => context.log(alertText(alert)),
});
