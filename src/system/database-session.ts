import { orAborted } from "../lib/or-aborted.ts";
import { withSignal } from "../lib/with-signal.ts";
import type { CheckMemory } from "../model/ports.ts";

/** A connection to a database server, as a driver gives it. */
export interface DatabaseLink {
  /** The rows of one statement; `values` are its parameters. Asked one at a time. */
  query(text: string, values: readonly unknown[]): Promise<readonly unknown[]>;
  /** Ends it in peace. Never throws, and holds nothing open. */
  end(): void;
}

/** How a driver connects. */
export interface DatabaseDriver {
  /** `onLost` is told when the connection ends by itself, `signal` when it must be dropped at once, also while it is made. */
  connect(events: { onLost(): void; signal: AbortSignal }): Promise<DatabaseLink>;
}

/** A connection that stays open from look to look, and that the cures use too. */
export interface DatabaseSession {
  /** Rejects with a `TimeoutError` after `timeout` milliseconds, connecting and waiting for others included; the session is then lost. */
  query(
    text: string,
    values: readonly unknown[],
    within: { readonly timeout: number },
  ): Promise<readonly unknown[]>;
  /** It has answered before. */
  readonly proven: boolean;
  /** The connection is gone; nothing more can be asked here. */
  readonly lost: boolean;
  close(): void;
}

/** Begins to connect. It holds no process alive, and its questions are asked one after the other. */
function openSession(driver: DatabaseDriver): DatabaseSession {
  const drop = new AbortController();
  const state = { proven: false, lost: false };
  const lose = () => {
    state.lost = true;
    drop.abort();
  };
  const link = driver.connect({ onLost: lose, signal: drop.signal });
  let last: Promise<unknown> = link;
  link.catch(lose);
  return {
    query: async (text, values, { timeout }) => {
      const answer = last.then(async () => (await link).query(text, values));
      last = answer.catch(() => undefined);
      try {
        const rows = await withSignal({ signals: [], timeout }, (signal) => orAborted(answer, signal));
        state.proven = true;
        return rows;
      } catch (error) {
        // Nobody can tell what a connection that did not answer in time is still busy with.
        if (error instanceof DOMException && error.name === "TimeoutError") lose();
        throw error;
      }
    },
    get proven() {
      return state.proven;
    },
    get lost() {
      return state.lost;
    },
    close: () => {
      state.lost = true;
      link.then((open) => open.end()).catch(() => undefined);
      // An attempt to connect is given up; what is connected says good-bye first.
      if (!state.proven) drop.abort();
    },
  };
}

const key = "session";

/**
 * Asks on the target's own connection, which its memory keeps. One that was open already and turns out to be gone (the server was
 * restarted, somebody ended the session) is made anew once: that is no fault of a server that answers now.
 */
export async function askOnSession<T>(
  memory: CheckMemory,
  how: { readonly driver: DatabaseDriver; readonly timeout: number },
  ask: (session: DatabaseSession, left: number) => Promise<T>,
): Promise<T> {
  const begun = performance.now();
  const left = () => Math.max(1, how.timeout - (performance.now() - begun));
  const session = sessionOf(memory, how.driver);
  const { proven } = session;
  try {
    return await ask(session, left());
  } catch (error) {
    if (!proven || !session.lost || left() < how.timeout / 4) throw error;
    return await ask(sessionOf(memory, how.driver), left());
  }
}

function sessionOf(memory: CheckMemory, driver: DatabaseDriver): DatabaseSession {
  // Only sessions are kept under this key.
  const kept = memory.get(key) as DatabaseSession | undefined;
  if (kept !== undefined && !kept.lost) return kept;
  const made = openSession(driver);
  memory.set(key, made);
  return made;
}
