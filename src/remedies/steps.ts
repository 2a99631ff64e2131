import type { RemedyContext, RemedyResult } from "../model/remedy.ts";

/** One step of a cure: its line, and what it does. What it returns is kept in the audit. */
export interface CureStep {
  readonly line: string;
  act(): Promise<Readonly<Record<string, unknown>> | undefined>;
  /** It is the first half of something: whether to go on is asked after it. */
  readonly isHalf?: boolean;
}

/** The lines of the steps: the plan. */
export function linesOf(steps: readonly CureStep[]): readonly string[] {
  return steps.map((step) => step.line);
}

/** Says and does the steps in order, so that the plan and what is done cannot differ. */
export async function takeSteps(steps: readonly CureStep[], context: RemedyContext): Promise<RemedyResult> {
  let details: Record<string, unknown> = {};
  for (const step of steps) {
    context.signal.throwIfAborted();
    context.step(step.line);
    details = { ...details, ...(await step.act()) };
    if (step.isHalf === true) await goOn(context);
  }
  return { details };
}

/** Between the halves; a healq that ends here goes on with it when it is back, but what a guard closed is over. */
async function goOn({ mayGoOn, processes, target }: RemedyContext): Promise<void> {
  try {
    await mayGoOn();
  } catch (error) {
    processes.callOff(target);
    throw error;
  }
}
