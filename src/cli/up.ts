import type { Config } from "../model/config.ts";
import { exitCodes, UsageError } from "../model/errors.ts";
import type { CommandContext } from "./context.ts";
import { detach } from "./detach.ts";
import { leftProcesses } from "./left-processes.ts";
import { configOf } from "./load-config.ts";
import { askSupervisor, holderOf } from "./supervisor.ts";
import { isSupervisor, type RunningNode, type UpRole, upRoles } from "./up-module.ts";

/** `healq up`: runs this node until Ctrl-C, SIGTERM or `healq down`; 2 when a supervisor runs here already. */
export async function runUp(
  context: CommandContext,
  options: { detach?: boolean; only?: ReadonlySet<UpRole> },
): Promise<number> {
  const config = await configOf(context);
  const roles = options.only ?? new Set(upRoles);
  if (isSupervisor(roles)) await refuseSecond(config);
  if (options.detach === true) return detach(context, config, roles);
  const { up } = await context.dependencies.up();
  const running = await up({
    config,
    roles,
    log: { level: context.debug ? "debug" : "info", json: context.json },
  });
  await tellStarted(context, running);
  const code = await untilDone(running);
  tellLeft(context, config);
  return code;
}

/** Ctrl-C ends healq, not what it started: whoever pressed it is told. */
function tellLeft({ terminal }: CommandContext, config: Config): void {
  const left = leftProcesses(config).map(({ target, pid }) => `${target} (pid ${pid})`);
  if (left.length === 0) return;
  terminal.note(`healq has stopped; still running: ${left.join(", ")}; \`healq down --workers\` ends them`);
}

async function refuseSecond(config: Config): Promise<void> {
  const supervisor = await askSupervisor(config.stateDir);
  if (supervisor.at === "absent") return;
  const pid = supervisor.at === "running" ? supervisor.holder.pid : holderOf(config.stateDir);
  const who = `healq already runs for ${config.stateDir}${pid === undefined ? "" : `, as pid ${pid}`}`;
  throw new UsageError(
    supervisor.at === "running"
      ? `${who}; look with \`healq status\`, end it with \`healq down\``
      : `${who}, but does not answer; is it stopped or very busy? \`kill -CONT ${pid ?? "PID"}\` lets a stopped one go on`,
  );
}

/** The one who waits for a detached start hears that it is over; at a terminal the first login link is shown. */
async function tellStarted({ terminal }: CommandContext, running: RunningNode): Promise<void> {
  const { loginLink, pageProblem } = running;
  if (process.send === undefined || !process.connected) {
    if (loginLink !== undefined) terminal.note(`status page: ${loginLink}`);
    return;
  }
  const message = {
    started: true,
    ...(loginLink === undefined ? {} : { loginLink }),
    ...(pageProblem === undefined ? {} : { pageProblem }),
  };
  await new Promise<void>((resolve) => process.send?.(message, undefined, undefined, () => resolve()));
  if (process.connected) process.disconnect();
}

async function untilDone(running: RunningNode): Promise<number> {
  const stop = (): void => {
    // What fails while it stops is told by `done`.
    running.stop().catch(() => undefined);
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  await running.done;
  return exitCodes.ok;
}
