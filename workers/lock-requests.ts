import * as z from "zod";
import type { RequestListener } from "../src/system/lock.ts";

const requestSchema = z.strictObject({ down: z.enum(["healq", "workers"]) });

/** What `healq down` says over the supervisor's socket. `stop` ends healq, and with `workers` the processes first. */
export function listenForDown(
  stop: (what: "healq" | "workers", say: (at: string, what?: string) => void) => Promise<void>,
): RequestListener {
  return (request, say) => {
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) {
      say({ error: 'say {"down": "healq"} or {"down": "workers"}' });
      return;
    }
    const tell = (at: string, what?: string) => say({ at, ...(what === undefined ? {} : { what }) });
    stop(parsed.data.down, tell).catch((error: unknown) => {
      tell("failed", error instanceof Error ? error.message : String(error));
    });
  };
}
