import { spawn } from "node:child_process";
import { processSpecOf } from "../checks/process-spec.ts";
import { isOn } from "../model/config.ts";
import { copyName, whoseCopy } from "../model/copies.ts";
import { exitCodes, HealqError, UsageError } from "../model/errors.ts";
import type { Pane } from "../system/console-panes.ts";
import { consolePanes, isOver } from "../system/consoles.ts";
import { openLedger } from "../system/ledger.ts";
import { isAlive } from "../system/procfs.ts";
import { configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";
import { copyNamed, targetsNamed } from "./targets.ts";

/**
 * `healq attach`: shows the window of tmux in which a process of this node runs, until the person leaves it. One whose process has
 * ended shows the last it wrote. With `--json` it only says what it would run.
 */
export async function runAttach(
  context: CommandContext,
  name: string,
  options: { readonly readOnly?: boolean },
): Promise<number> {
  const { config } = await configAtHand(context);
  const { id, copy } = whoseCopy(name);
  const target = copyNamed(name, config.targets) ?? targetsNamed(config, [id])[0];
  if (target !== undefined && target.nodes !== "any" && !isOn(target, config.node))
    throw new UsageError(`${name} runs on ${target.nodes.join(", ")}: run \`healq attach ${name}\` there`);
  const found = await consolePanes(config.stateDir, copyName(id, copy));
  if ("problem" in found) throw new HealqError("tmux", found.problem);
  const { server, panes } = found;
  const pane = panes.find((each) => !isOver(each)) ?? panes[0];
  if (pane === undefined) {
    const isToBe = target !== undefined && processSpecOf(target, config.stateDir)?.console !== undefined;
    const { identity } = openLedger(config.stateDir).record(copyName(id, copy)) ?? {};
    throw withoutWindow(name, isToBe, identity && isAlive(identity) === "alive" ? identity.pid : undefined);
  }
  const mode = options.readOnly === true ? ["-r"] : [];
  const argv = [server.program, ...server.args, "attach-session", ...mode, "-t", pane.id];
  if (context.json) {
    context.terminal.json({ target: name, pid: pidOf(pane), argv });
    return exitCodes.ok;
  }
  if (process.stdin.isTTY !== true || !context.terminal.isTty)
    throw new UsageError(
      `attach needs a terminal; \`healq logs ${name} --follow\` shows what it writes without one`,
    );
  await attach(argv);
  return exitCodes.ok;
}

function pidOf(pane: Pane): number | null {
  return isOver(pane) ? null : pane.pid;
}

function withoutWindow(name: string, isToBe: boolean, pid: number | undefined): UsageError {
  if (!isToBe)
    return new UsageError(`${name} has no window to attach to: give it \`console: tmux\` and restart it`);
  return new UsageError(
    pid === undefined
      ? `${name} does not run, and has left no window; \`healq start ${name}\` starts it`
      : `${name} runs as pid ${pid}, but has no window, or tmux does not answer; \`healq restart ${name}\` gives it a new one`,
  );
}

/** Resolves when the person has left; rejects when tmux could not show it, which by then has said why. */
function attach([program = "", ...args]: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const client = spawn(program, args, { stdio: "inherit" });
    client.once("error", (error) =>
      reject(new HealqError("tmux", `tmux cannot be started: ${error.message}`)),
    );
    client.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new HealqError("tmux", "tmux did not show it; what it said stands above"));
    });
  });
}
