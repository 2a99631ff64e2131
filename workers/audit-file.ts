import { join } from "node:path";
import type { Redis } from "ioredis";
import type { Log } from "../src/model/log.ts";
import { wordsOf } from "../src/redis/refusal.ts";
import { followStream } from "../src/store/audit-log.ts";
import { appendLine } from "../src/system/append.ts";
import { tail } from "../src/system/logfile.ts";
import { rotate } from "../src/system/rotate.ts";
import { auditView } from "../src/views/audit.ts";
import { createComplainer } from "./complainer.ts";

const size = { maxSize: 10 * 1024 * 1024, keep: 5 };
/** How long it waits after a failure before it follows again, in milliseconds. */
const retryAfter = 1_000;

/**
 * Keeps `audit.jsonl` in step with the node's audit in Redis, in order and once: it goes on after the last line that is
 * in the file. Stops when aborted.
 */
export async function keepAuditFile(options: {
  stateDir: string;
  node: string;
  /** Used by this alone: it blocks. */
  connection: Redis;
  log: Log;
  signal: AbortSignal;
}): Promise<void> {
  const { stateDir, node, connection, log, signal } = options;
  const file = join(stateDir, "audit.jsonl");
  const complain = createComplainer(log);
  // It waits inside a blocking read.
  signal.addEventListener("abort", () => connection.disconnect(), { once: true });
  while (!signal.aborted) {
    try {
      for await (const entry of followStream(connection, { node, after: lastId(file), signal })) {
        appendLine(file, JSON.stringify(auditView(entry)));
        await rotate(file, size);
      }
    } catch (error) {
      if (signal.aborted) return;
      complain(`audit.jsonl falls behind: ${wordsOf(error)}`);
      await new Promise((resolve) => setTimeout(resolve, retryAfter).unref());
    }
  }
}

/** The id in the last whole line of the file, or of the part that was rotated away last. */
function lastId(file: string): string {
  for (const path of [file, `${file}.1`]) {
    for (const line of tail(path, 5).reverse()) {
      // A line that a crash cut off is written again.
      const id = line.endsWith("}") ? /"id":"(\d+-\d+)"/.exec(line)?.[1] : undefined;
      if (id !== undefined) return id;
    }
  }
  return "0-0";
}
