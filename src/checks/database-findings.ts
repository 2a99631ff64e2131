import { formatDuration } from "../lib/duration.ts";
import type { Finding } from "../model/finding.ts";

// What is the same whichever database server was asked.

/** So many sessions are told of in one finding. */
export const shown = 5;

/** What a server's answer shows: it may be over at the next look, so it waits for `failAfter`. */
export function databaseFinding(symptom: string, message: string, evidence: Finding["evidence"]): Finding {
  return { symptom, severity: "critical", fact: false, message, evidence };
}

/**
 * That sessions idle in a transaction.
 *
 * @param idlers those that do it for too long, the longest first
 * @param said how one is told of: in words, and as evidence
 * @param atMost how long they may, in milliseconds
 */
export function idleFindings<T>(
  symptom: string,
  idlers: readonly T[],
  said: {
    readonly words: (one: T) => string;
    readonly evidence: (one: T) => object;
    readonly atMost: number;
  },
): Finding[] {
  const [first] = idlers;
  if (first === undefined) return [];
  const who =
    idlers.length === 1 ? "" : `${idlers.length} sessions do nothing in an open transaction, the longest: `;
  const message = `${who}${said.words(first)} (at most ${formatDuration(said.atMost)})`;
  const evidence = { sessions: idlers.slice(0, shown).map((one) => said.evidence(one)) };
  return [{ ...databaseFinding(symptom, message, evidence), severity: "warning" }];
}

/** That a share of the connections is in use that is too large: `limit`, from 0 to 1. */
export function connectionFindings(
  symptom: string,
  { connections, slots }: { readonly connections: number; readonly slots: number },
  limit: number,
): Finding[] {
  if (connections < slots * limit) return [];
  const isFull = connections >= slots;
  const message = isFull
    ? `all ${slots} connections are in use: nobody else gets one`
    : `${connections} of ${slots} connections are in use (below ${Math.round(limit * 100)}% is well)`;
  return [
    {
      ...databaseFinding(symptom, message, { connections, slots }),
      severity: isFull ? "critical" : "warning",
    },
  ];
}
