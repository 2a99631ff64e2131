import type { Finding } from "./finding.ts";
import type { Policy } from "./policy.ts";

/** One place on a ladder: a remedy with its parameters, and how often it is tried before the next one. */
export interface Rung {
  readonly remedy: string;
  /** As the remedy's schema parsed them. */
  readonly params: unknown;
  readonly tries: number;
}

/** A target's remedies in order; `bySymptom` wins over `any` for the symptoms it names. */
export interface Ladders {
  readonly any: readonly Rung[];
  readonly bySymptom: Readonly<Record<string, readonly Rung[]>>;
}

/** When a target is looked at: every so many whole seconds (in seconds, no zone), or by a cron pattern in a zone. */
export type Schedule = { readonly every: number } | { readonly cron: string; readonly timezone: string };

/** One thing that is watched. Made by the config; never changed afterwards. */
export interface Target<Spec = unknown> {
  readonly id: string;
  readonly kind: string;
  /** The kind's own fields, as its schema parsed them. */
  readonly spec: Spec;
  /** The nodes that look at it, or `any`: one of them, claimed per tick. */
  readonly nodes: "any" | readonly string[];
  readonly schedule: Schedule;
  /** Of one look, in milliseconds. */
  readonly timeout: number;
  readonly policy: Policy;
  readonly needs: readonly string[];
  readonly ladders: Ladders;
  /** Alerts about it are CRITICAL. */
  readonly critical: boolean;
  /** Folder of the config file, absolute: relative paths start here. */
  readonly base: string;
}

/** The ladder for a symptom; empty when there is none, and then nothing is healed. */
export function ladderFor(target: Pick<Target, "ladders">, symptom: string): readonly Rung[] {
  return target.ladders.bySymptom[symptom] ?? target.ladders.any;
}

/** The findings that a remedy of the target may cure. */
export function curable(target: Pick<Target, "ladders">, findings: readonly Finding[]): Finding[] {
  return findings.filter(
    ({ symptom, hopeless }) => hopeless === undefined && ladderFor(target, symptom).length > 0,
  );
}

/** All rungs of all ladders of a target; one that stands in several ladders is there as often. */
export function rungsOf({ ladders }: Pick<Target, "ladders">): Rung[] {
  return [...ladders.any, ...Object.values(ladders.bySymptom).flat()];
}

/** How many applications one heal of this ladder may have. */
export function applicationsOf(ladder: readonly Rung[]): number {
  return ladder.reduce((sum, rung) => sum + rung.tries, 0);
}

/** The rung for the n-th application (0-based) of one heal; the last one when `n` is past the end. */
export function rungAt(ladder: readonly Rung[], n: number): Rung | undefined {
  let before = 0;
  for (const rung of ladder) {
    before += rung.tries;
    if (n < before) return rung;
  }
  return ladder.at(-1);
}
