import { resolve } from "node:path";
import { untrustedProgram } from "../checks/untrusted-program.ts";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext } from "../model/remedy.ts";
import { findProgram } from "../system/program.ts";
import { asFormat, literal, type TmuxServer, tmux } from "../system/tmux.ts";
import { shownArgv } from "./shown-argv.ts";
import type { CureStep } from "./steps.ts";
import { tmuxTarget } from "./tmux-patients.ts";

/** The step that starts the session anew when any of it has `ended` by the cure or before; none for a target without a `run`. */
export function newSessionSteps(context: RemedyContext, server: TmuxServer, ended: number): CureStep[] {
  const isToBeThere = tmuxTarget(context.target).spec.run !== undefined;
  return isToBeThere && ended > 0 ? [newSessionStep(context, server)] : [];
}

/** The step that starts the session of a target that has a `run`, unless it is there; starts the tmux server too where there is none. */
export function newSessionStep({ target, signal }: RemedyContext, server: TmuxServer): CureStep {
  const { session, run = ["", ""] } = tmuxTarget(target).spec;
  const [name = ""] = session;
  return {
    line: `start the session ${name} unless it is there: ${shownArgv(run)}`,
    act: async () => {
      const command = ["new-session", "-d", "-s", name, ...commandOf(target, run)];
      const told = await tmux(server, command, { signals: [signal] });
      signal.throwIfAborted();
      if ("said" in told) return { started: name };
      if ("problem" in told && told.problem.includes("duplicate session"))
        return { started: name, found: true };
      throw new HealqError("tmux", "problem" in told ? told.problem : "tmux did not start");
    },
  };
}

/** One word alone would be run by a shell; `env` makes it two. */
function commandOf(
  target: RemedyContext["target"],
  [program, ...args]: readonly [string, ...string[]],
): string[] {
  const { cwd } = tmuxTarget(target).spec;
  const found = findProgram(program, { cwd: target.base, path: process.env.PATH });
  if ("problem" in found) throw new HealqError("tmux", found.problem);
  const refusal = untrustedProgram(found.path);
  if (refusal !== undefined) throw new HealqError("tmux", refusal);
  return [
    "-c",
    asFormat(resolve(target.base, cwd ?? ".")),
    "env",
    "--",
    ...[found.path, ...args].map(literal),
  ];
}
