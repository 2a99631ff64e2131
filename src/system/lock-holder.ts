import { connect } from "node:net";
import * as z from "zod";
import { lineReader } from "./lines.ts";

const holderSchema = z.looseObject({
  pid: z.int().positive(),
  node: z.string(),
  /** When it took the lock, in milliseconds since the epoch. */
  since: z.number().min(0).max(8.64e15),
  /** It schedules by now. */
  ready: z.boolean().optional(),
});

/** Who holds the supervisor's lock, as it says itself. */
export type LockHolder = z.infer<typeof holderSchema>;

/** How long a holder that is well may take to answer, in milliseconds. */
const answerWithin = 300;

/**
 * Asks who holds the lock: undefined when nobody listens there (no socket, or a stale one); `silent` when somebody does
 * but gives no sensible answer within 300 ms. Does not reject.
 */
export function askHolder(path: string): Promise<LockHolder | "silent" | undefined> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const settle = (holder: LockHolder | "silent" | undefined): void => {
      clearTimeout(timer);
      socket.destroy();
      resolve(holder);
    };
    const timer = setTimeout(() => settle("silent"), answerWithin);
    socket.on("error", (error) => {
      const code = "code" in error ? error.code : undefined;
      // Any other error (a full backlog of a stopped holder, no permission) does not show that nobody is there.
      settle(code === "ENOENT" || code === "ECONNREFUSED" || code === "ENOTDIR" ? undefined : "silent");
    });
    const read = lineReader((line) => settle(parseHolder(line)));
    socket.on("data", (bytes) => {
      if (!read(bytes)) settle("silent");
    });
    socket.on("end", () => settle("silent"));
  });
}

function parseHolder(line: string): LockHolder | "silent" {
  try {
    const parsed = holderSchema.safeParse(JSON.parse(line));
    return parsed.success ? parsed.data : "silent";
  } catch {
    return "silent";
  }
}
