import * as z from "zod";
import { messageOf } from "../src/model/errors.ts";
import type { Observation } from "../src/model/observation.ts";
import type { RequestListener } from "../src/system/lock.ts";
import { looked } from "./looked.ts";

const down = z.strictObject({ down: z.enum(["healq", "workers"]) });
const requestSchema = z.union([down, looked]);

/** What is said over the supervisor's socket, by `healq down` and by processes that look beside it. */
export function listenOnLock(listeners: {
  /** Ends healq, and with `workers` the processes first. */
  down(what: "healq" | "workers", say: (at: string, what?: string) => void): Promise<void>;
  /** Decides on what another process of this node has seen. */
  looked(observations: readonly Observation[]): Promise<void>;
}): RequestListener {
  return (request, say) => {
    const parsed = requestSchema.safeParse(request);
    if (!parsed.success) say({ error: 'say {"down": "healq"} or {"down": "workers"}' });
    else if ("down" in parsed.data) {
      const tell = (at: string, what?: string) => say({ at, ...(what === undefined ? {} : { what }) });
      listeners.down(parsed.data.down, tell).catch((error: unknown) => tell("failed", messageOf(error)));
    } else {
      const { looked: number, observations } = parsed.data;
      listeners
        // The schema has every field of an Observation; its type says `undefined` for those that may be left out.
        .looked(observations as Observation[])
        .then(() => say({ recorded: number }))
        .catch((error: unknown) => say({ recorded: number, failed: messageOf(error) }));
    }
  };
}
