import { createHash } from "node:crypto";
import type { Clock } from "../lib/clock.ts";

/** Different wrong logins that one address may try per window. */
const tries = 10;
/** Milliseconds. */
const window = 60_000;
/** Addresses and good logins remembered at most; the oldest is forgotten first. */
const remembered = 10_000;

/** Slows down who guesses logins. */
export interface Throttle {
  /** Milliseconds until this address may try this login; undefined: now. */
  wait(address: string, login: string): number | undefined;
  failed(address: string, login: string): void;
  succeeded(login: string): void;
}

/**
 * A window per address. The same wrong login again does not count, so a program with an old token locks nobody out, and
 * a login that was good before is never made to wait: one who guesses cannot shut out others behind the same address.
 */
export function createThrottle(clock: Clock): Throttle {
  const addresses = new Map<string, { since: number; wrong: Set<string> }>();
  const good = new Set<string>();
  const windowOf = (address: string) => {
    const known = addresses.get(address);
    if (known !== undefined && Math.abs(clock.now() - known.since) < window) return known;
    addresses.delete(address);
    return undefined;
  };
  return {
    wait: (address, login) => {
      const known = windowOf(address);
      if (known === undefined || known.wrong.size < tries || good.has(digest(login))) return undefined;
      return Math.max(1, known.since + window - clock.now());
    },
    failed: (address, login) => {
      const known = windowOf(address) ?? { since: clock.now(), wrong: new Set() };
      known.wrong.add(digest(login));
      addresses.set(address, known);
      forgetOldest(addresses);
    },
    succeeded: (login) => {
      good.add(digest(login));
      forgetOldest(good);
    },
  };
}

function digest(login: string): string {
  return createHash("sha256").update(login).digest("base64");
}

/** Maps and sets keep the order of insertion. */
function forgetOldest(entries: {
  size: number;
  keys(): IterableIterator<string>;
  delete(key: string): boolean;
}): void {
  if (entries.size <= remembered) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}
