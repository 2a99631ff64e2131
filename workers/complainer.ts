import type { Log } from "../src/model/log.ts";

/** The same complaint is a line only so often, in milliseconds. */
const quietFor = 10_000;

/** Complaints as log lines: the same one of many connections, many times a second, is one line every ten seconds. */
export function createComplainer(log: Log): (message: string) => void {
  const said = new Map<string, number>();
  return (message) => {
    const now = performance.now();
    for (const [old, at] of said) if (now - at >= quietFor) said.delete(old);
    if (said.has(message)) return;
    said.set(message, now);
    log.warn({}, message);
  };
}
