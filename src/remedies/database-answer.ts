import { patience } from "../checks/patience.ts";
import { orAborted } from "../lib/or-aborted.ts";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext } from "../model/remedy.ts";

/** How the errors of one kind of database server are told. */
export interface Explained {
  /** Code of the `HealqError`. */
  readonly kind: string;
  /** The server, for people. */
  readonly where: string;
  /** What the driver's error is called when healq's user may not end a session, and what is to be said then. */
  readonly refused: { readonly code: string; readonly said: string };
  readonly explain: (
    error: unknown,
    about: { readonly timeout: number; readonly signal: AbortSignal },
  ) => { readonly reason: string };
}

/** Asks a server for a remedy; rejects with a `HealqError` that says in words why it could not be asked, or does not allow it. */
export async function databaseAnswer<T>(
  { target, signal }: RemedyContext,
  { kind, where, refused, explain }: Explained,
  ask: () => Promise<T>,
): Promise<T> {
  signal.throwIfAborted();
  try {
    return await orAborted(ask(), signal);
  } catch (error) {
    signal.throwIfAborted();
    const isRefused = error instanceof Error && "code" in error && error.code === refused.code;
    const { reason } = explain(error, { timeout: patience(target.timeout), signal });
    throw new HealqError(kind, `${where} ${isRefused ? refused.said : reason}`, { cause: error });
  }
}
