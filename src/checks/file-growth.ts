import type { CheckContext } from "../model/kind.ts";
import type { FileFacts } from "../model/ports.ts";

interface Growth {
  readonly size: number;
  readonly inode: string;
  /** When a look first saw this size. Milliseconds since the epoch. */
  readonly at: number;
}

/**
 * When the file was last seen to have grown, in milliseconds since the epoch; the first look counts as growth.
 * A file that shrank or was replaced was rotated and starts anew.
 */
export function lastGrowth(facts: FileFacts, context: CheckContext): number {
  // Only this function writes the entry.
  const last = context.memory.get("growth") as Growth | undefined;
  const now = context.now();
  // A clock that was set back must not make a growth of the future out of an old one.
  if (last?.size === facts.size && last.inode === facts.inode) return Math.min(last.at, now);
  context.memory.set("growth", { size: facts.size, inode: facts.inode, at: now } satisfies Growth);
  return now;
}
