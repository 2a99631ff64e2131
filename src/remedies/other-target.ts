import type { RemedyContext, RemedyResult } from "../model/remedy.ts";

/** The step of a cure that acts on another target. */
export function healLine(other: string): string {
  return `ask for a heal of ${other}`;
}

/** Says so and hands the heal on: it is a job of the other target, under its own lock, wish, budget and audit. */
export function askForHeal(context: RemedyContext, other: string): RemedyResult {
  const { target, finding } = context;
  context.step(healLine(other));
  const reason = `${target.id}: ${finding?.message ?? "asked for a heal"}`;
  return { followUps: [{ type: "heal", target: other, reason }], details: { asked: other } };
}
