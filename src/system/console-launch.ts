import { setTimeout as sleep } from "node:timers/promises";
import type { Identity } from "../model/process.ts";
import { type Gate, makeGate } from "./console-gate.ts";
import { isLauncher, type Launched, launcherArgv } from "./console-launcher.ts";
import { isLogging, logCommand } from "./console-log.ts";
import { ownerOption } from "./console-panes.ts";
import { consoleServer, longestMessage, makeWindow } from "./console-server.ts";
import { markerName } from "./environment.ts";
import { identityOf, isAlive } from "./procfs.ts";
import { asFormat, literal, type TmuxServer, tmux } from "./tmux.ts";

/** What is launched, and where. */
export interface ConsoleLaunch extends Launched {
  /** Of this start: its marker, which `env` has too. */
  readonly mark: string;
  /** The open log. */
  readonly log: number;
  readonly stateDir: string;
  /** What the window is called. */
  readonly name: string;
}

/** A new process in a window, or why there is none. */
type InConsole = { readonly identity: Identity } | { readonly problem: string };

/** How long a start may take on a busy machine, in milliseconds. On a slow one it took 100. */
const launchedWithin = 3_000;

/**
 * Starts a program in a window of its own; it has been exec'd when this resolves, or has ended already. The child is the tmux server's,
 * so its exit is heard by the FIFO, and how it ended is asked of tmux. What is given up starts nothing afterwards.
 */
export async function launchInConsole(launch: ConsoleLaunch): Promise<InConsole> {
  const server = consoleServer(launch.stateDir);
  if ("problem" in server) return server;
  const long = Object.entries(launch.env).find(([name, value]) => tooLong(`${name}=${value}`));
  if (long !== undefined)
    return { problem: `the variable ${long[0]} is longer than the ${longestMessage} bytes that tmux takes` };
  const gate = await makeGate(launch.fifo, launch.mark);
  try {
    return await launchBehind(gate, server, launch);
  } finally {
    gate.shut();
  }
}

function tooLong(entry: string): boolean {
  return Buffer.byteLength(entry) > longestMessage;
}

async function launchBehind(gate: Gate, server: TmuxServer, launch: ConsoleLaunch): Promise<InConsole> {
  const start = launch.mark.slice(launch.mark.lastIndexOf("/") + 1);
  const session = `${launch.name}~${start.slice(-8)}`;
  const told = await makeWindow(
    server,
    newSession(session, gate, launch),
    dressed(session, start, launch),
    launch.env,
  );
  if (!("said" in told))
    return { problem: "problem" in told ? told.problem : "the tmux server ended at once" };
  const [, pane, pid, serverPid] = /^(%\d+) (\d+) (\d+)$/.exec(told.said.trim()) ?? [];
  if (pane === undefined) return { problem: `tmux said something else than where it runs: ${told.said}` };
  const identity = identityOf(Number(pid));
  if (identity !== undefined) {
    const waits = () => isLauncher(identity.pid) && isLogging(Number(serverPid), start, launch.log);
    const hasBegun = () => !isLauncher(identity.pid) || isAlive(identity) !== "alive";
    if (await within(waits)) {
      gate.open();
      if (await within(hasBegun)) return { identity };
    }
  }
  await tmux(server, ["kill-pane", "-t", pane]);
  return { problem: `its window in tmux was not ready within ${launchedWithin / 1_000} s` };
}

/** The name of a start is free whatever else is there; it gets its real one afterwards, see `Consoles.settle`. */
function newSession(session: string, gate: Gate, launch: ConsoleLaunch): string[] {
  const where = ["-s", session, "-n", launch.name, "-x", "120", "-y", "40", "-c", asFormat(launch.cwd)];
  const show = ["-P", "-F", "#{pane_id} #{pane_pid} #{pid}"];
  return ["new-session", "-d", ...show, ...where, ...launcherArgv(gate.path, launch).map(literal)];
}

/**
 * A dead pane stays until it is replaced, and tells how its process ended, but only one that is known to be ours. A person who opens
 * a window in the session must not be taken for a part of the process.
 */
function dressed(session: string, start: string, { mark, log }: ConsoleLaunch): string[][] {
  const at = ["-t", `=${session}:`];
  return [
    ["set-option", "-p", ...at, ownerOption, mark],
    ["set-option", "-p", ...at, "remain-on-exit", "on"],
    ["set-environment", ...at, "-r", markerName],
    ["pipe-pane", "-O", ...at, logCommand(log, start)],
  ];
}

async function within(isDone: () => boolean): Promise<boolean> {
  const deadline = performance.now() + launchedWithin;
  for (let step = 1; !isDone(); step = Math.min(2 * step, 20)) {
    if (performance.now() > deadline) return false;
    await sleep(step);
  }
  return true;
}
