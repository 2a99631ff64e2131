import type { RemedyContext } from "../model/remedy.ts";
import type { Target } from "../model/target.ts";

/** What every command of a cure is told by its environment. */
export function toldOf(target: Target, finding: RemedyContext["finding"]): Record<string, string> {
  return {
    HEALQ_TARGET: target.id,
    HEALQ_SYMPTOM: finding?.symptom ?? "",
    HEALQ_MESSAGE: finding?.message ?? "",
  };
}
