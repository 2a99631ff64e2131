import { reportPm2 } from "../checks/unit-pm2.ts";
import { formatDuration } from "../lib/duration.ts";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext } from "../model/remedy.ts";
import { type Unit, type UnitVerb, unitCommand } from "../system/unit.ts";
import { runCommand } from "./run-command.ts";
import { shownArgv } from "./shown-argv.ts";
import type { CureStep } from "./steps.ts";
import { toldOf } from "./told.ts";

/** How long a manager may take, in milliseconds: systemd gives a unit 90 s to stop, and as long to start. */
const managerTimeout = 200_000;

/** One command of a unit's own manager: healq does not signal what that manager runs. */
export function managerStep(context: RemedyContext, unit: Unit, verb: UnitVerb): CureStep {
  const { target, finding, signal } = context;
  const { argv, env, user } = unitCommand(unit, verb);
  const who = user !== undefined && process.geteuid?.() === 0 ? ` as ${user}` : "";
  return {
    line: `${verb} ${target.id} by ${shownArgv(argv)}${who}, at most ${formatDuration(managerTimeout)}`,
    act: async () => {
      if (unit.manager === "pm2" && (await mayBeLeft(unit, verb, signal))) return undefined;
      await runCommand({
        argv,
        base: "/",
        env,
        told: toldOf(target, finding),
        timeout: managerTimeout,
        signal,
        ...(user === undefined ? {} : { user }),
      });
      return { manager: unit.manager, unit: unit.name };
    },
  };
}

/**
 * pm2 takes a name that no app has for a namespace, and acts on all of that; and it starts a daemon where none runs. So it is asked
 * first. True when there is nothing to do: it would start anew what runs.
 */
async function mayBeLeft(
  unit: Extract<Unit, { manager: "pm2" }>,
  verb: UnitVerb,
  signal: AbortSignal,
): Promise<boolean> {
  const report = (await reportPm2(unit, signal))(unit.name);
  if (report.is === "unclear") throw new HealqError("no-manager", report.why);
  if (report.is === "down" && report.state === "failed") throw new HealqError("no-such-unit", report.message);
  return verb === "start" && report.is === "up";
}
