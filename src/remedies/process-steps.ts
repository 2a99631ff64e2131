import { formatDuration } from "../lib/duration.ts";
import type { RemedyContext } from "../model/remedy.ts";
import type { Target } from "../model/target.ts";
import { isAlive } from "../system/procfs.ts";
import type { ProcessWays, StartWay } from "./process-ways.ts";
import { runCommand } from "./run-command.ts";
import { shownArgv } from "./shown-argv.ts";
import type { CureStep } from "./steps.ts";

/** How long a `start:` or `stop:` command may take, in milliseconds. */
const commandTimeout = 30_000;

/** The pid of the process healq started for this target, while it lives. */
export function livingPid({ processes, target }: RemedyContext): number | undefined {
  const { identity } = processes.read(target.id);
  return identity !== undefined && isAlive(identity) === "alive" ? identity.pid : undefined;
}

/** The step that stops the target; none when healq's own way would have nothing to stop. */
export function stopSteps(context: RemedyContext, ways: ProcessWays): CureStep[] {
  const { target, processes, signal } = context;
  if (ways.stop === undefined) return [];
  if (ways.stop.by === "command") return [commandStep(context, { verb: "stop", argv: ways.stop.argv })];
  const pid = livingPid(context);
  // A leader that died took its group with it, or the start ends what is left of it.
  if (pid === undefined) return [];
  const { signal: name, timeout } = ways.stop;
  const force = name === "SIGKILL" ? "" : `, SIGKILL after ${formatDuration(timeout)}`;
  return [
    {
      line: `stop ${target.id} (pid ${pid}) with ${name}${force}`,
      act: async () => {
        const stopped = await processes.stop(target, "heal", signal);
        return { oldPid: stopped.pid, endedBy: stopped.signal };
      },
      isHalf: true,
    },
  ];
}

/** The step that starts the target. */
export function startStep(context: RemedyContext, start: StartWay): CureStep {
  if (start.by === "command") return commandStep(context, { verb: "start", argv: start.argv });
  const { target, processes, signal } = context;
  return {
    line: `start ${shownArgv(start.run)}`,
    act: async () => {
      const { pid, adopted } = await processes.start(target, signal);
      return { pid, ...(adopted ? { adopted } : {}) };
    },
  };
}

/** A `start:` or `stop:` command runs as healq itself: it is a service manager's, as a rule. */
function commandStep(
  context: RemedyContext,
  { verb, argv }: { verb: "start" | "stop"; argv: readonly [string, ...string[]] },
): CureStep {
  const { target, finding, signal } = context;
  return {
    line: `${verb} ${target.id} by ${shownArgv(argv)}, at most ${formatDuration(commandTimeout)}`,
    act: async () => {
      await runCommand({
        argv,
        base: target.base,
        told: toldOf(target, finding),
        timeout: commandTimeout,
        signal,
      });
      return undefined;
    },
    isHalf: verb === "stop",
  };
}

/** What every command of a cure is told by its environment. */
export function toldOf(target: Target, finding: RemedyContext["finding"]): Record<string, string> {
  return {
    HEALQ_TARGET: target.id,
    HEALQ_SYMPTOM: finding?.symptom ?? "",
    HEALQ_MESSAGE: finding?.message ?? "",
  };
}
