import { GuardClosed } from "../../src/model/errors.ts";
import type { RemedyContext } from "../../src/model/remedy.ts";
import type { Attempt } from "./attempt.ts";
import { forbidden } from "./guards.ts";

/** What the remedy may reach. */
export function remedyContext(attempt: Attempt, signal: AbortSignal): RemedyContext {
  const { context, target, finding, job } = attempt;
  return {
    target,
    ...(finding === undefined ? {} : { finding }),
    processes: context.processes,
    memory: context.memoryOf(target.id),
    signal,
    step: (line) => job.say(line),
    mayGoOn: async () => {
      const reason = await forbidden(attempt);
      if (reason !== undefined) throw new GuardClosed(reason);
    },
  };
}
