import { formatDuration } from "../lib/duration.ts";
import { copyName, copyNames, instancesOf, whoseCopy } from "../model/copies.ts";
import type { RemedyContext } from "../model/remedy.ts";
import { isAlive } from "../system/procfs.ts";
import { managerStep } from "./manager-steps.ts";
import type { ProcessWays, StartWay } from "./process-ways.ts";
import { runCommand } from "./run-command.ts";
import { shownArgv } from "./shown-argv.ts";
import type { CureStep } from "./steps.ts";
import { toldOf } from "./told.ts";

/** How long a `start:` or `stop:` command may take, in milliseconds. */
const commandTimeout = 30_000;

/** The pid of the process healq started for this target, while it lives; of several copies the first that does. */
export function livingPid({ processes, target }: RemedyContext): number | undefined {
  const { id, copy } = whoseCopy(target.id);
  const names = target.id.includes("@") ? [copyName(id, copy)] : copyNames(id, instancesOf(target.spec));
  const living = names
    .map((name) => processes.read(name).identity)
    .find((identity) => identity !== undefined && isAlive(identity) === "alive");
  return living?.pid;
}

/** Whether the process of a target was started by this very cure, which healq's own end cut off. */
export function isNew({ processes, target, begunAt }: RemedyContext): boolean {
  if (begunAt === undefined) return false;
  const { id, copy } = whoseCopy(target.id);
  const { startedAt, identity } = processes.read(copyName(id, copy));
  const lives = identity !== undefined && isAlive(identity) === "alive";
  return lives && startedAt !== undefined && startedAt >= begunAt;
}

/** The step that stops the target; none when healq's own way would have nothing to stop. */
export function stopSteps(context: RemedyContext, ways: ProcessWays): CureStep[] {
  const { target, processes, signal } = context;
  if (ways.stop === undefined) return [];
  if (ways.stop.by === "command") return [commandStep(context, { verb: "stop", argv: ways.stop.argv })];
  if (ways.stop.by === "manager") return [managerStep(context, ways.stop.unit, "stop")];
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
  if (start.by === "manager") return managerStep(context, start.unit, "start");
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
