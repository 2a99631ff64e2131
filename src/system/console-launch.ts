import { setTimeout as sleep } from "node:timers/promises";
import type { Identity } from "../model/process.ts";
import { begin, isLauncher, launcherArgv } from "./console-launcher.ts";
import { isLogging, logCommand } from "./console-log.ts";
import { ownerOption } from "./console-panes.ts";
import { consoleServer, makeWindow } from "./console-server.ts";
import { markerName } from "./environment.ts";
import { holdsFifo } from "./members.ts";
import { identityOf, isAlive } from "./procfs.ts";
import { asFormat, literal, tmux } from "./tmux.ts";

/** What is launched, and where. */
export interface ConsoleLaunch {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Of this start: its marker, which `env` has too. */
  readonly mark: string;
  readonly env: Readonly<Record<string, string>>;
  /** The open log. */
  readonly log: number;
  /** Its write end becomes descriptor 3. */
  readonly fifo: string;
  readonly stateDir: string;
  /** What the window is called. */
  readonly name: string;
}

/** How long a start may take on a busy machine, in milliseconds. On a slow one it took 100. */
const launchedWithin = 3_000;

/** What a client hands to its server goes in pieces of this size, and one that is longer is lost, in bytes. Source: imsg.h, MAX_IMSGSIZE. */
const longestVariable = 16_000;

/**
 * Starts a program in a window of its own; it has been exec'd when this resolves, or has ended already. The child is the tmux server's,
 * so its exit is heard by the FIFO, and how it ended is asked of tmux. Does not reject.
 */
export async function launchInConsole(
  launch: ConsoleLaunch,
): Promise<{ readonly identity: Identity } | { readonly problem: string }> {
  const server = consoleServer(launch.stateDir);
  if ("problem" in server) return server;
  const long = Object.entries(launch.env).find(([name, value]) => tooLong(`${name}=${value}`));
  if (long !== undefined)
    return { problem: `the variable ${long[0]} is longer than the ${longestVariable} bytes that tmux takes` };
  const told = await makeWindow(server, windowCommands(launch), launch.env);
  if (!("said" in told))
    return { problem: "problem" in told ? told.problem : "the tmux server ended at once" };
  const [, pane, pid, serverPid] = /^(%\d+) (\d+) (\d+)$/.exec(told.said.trim()) ?? [];
  if (pane === undefined) return { problem: `tmux said something else than where it runs: ${told.said}` };
  const identity = identityOf(Number(pid));
  const isReady = () => holdsFifo(Number(pid), launch.fifo) && isLogging(Number(serverPid), launch.log);
  const hasBegun = () => {
    if (identity === undefined) return false;
    if (isAlive(identity) !== "alive" || !isLauncher(identity.pid)) return true;
    // Told again and again, for another one may have heard it.
    begin(launch.fifo, launch.mark);
    return false;
  };
  const begun = (await within(isReady)) && (await within(hasBegun));
  if (begun && identity !== undefined) return { identity };
  await tmux(server, ["kill-pane", "-t", pane]);
  return { problem: `its window in tmux was not ready within ${launchedWithin / 1_000} s` };
}

function tooLong(entry: string): boolean {
  return Buffer.byteLength(entry) > longestVariable;
}

/**
 * The environment goes from the client to the new session, by the names of its variables: as `-e NAME=VALUE` everybody on the
 * machine could read it. A person who opens a window in the session must not be taken for a part of the process.
 */
function windowCommands({ argv, cwd, mark, env, log, fifo, name }: ConsoleLaunch): string[][] {
  // Free whatever else is there; it gets its real name afterwards, see `Consoles.settle`.
  const session = `${name}~${mark.slice(-8)}`;
  const at = ["-t", `=${session}:`];
  const where = ["-s", session, "-n", name, "-x", "120", "-y", "40", "-c", asFormat(cwd)];
  const show = ["-P", "-F", "#{pane_id} #{pane_pid} #{pid}"];
  const command = launcherArgv(fifo, mark, argv).map(literal);
  return [
    ["set-option", "-g", "update-environment", Object.keys(env).map(asName).join(" ")],
    ["new-session", "-d", ...show, ...where, ...command],
    ["set-option", "-gu", "update-environment"],
    ["set-environment", ...at, "-r", markerName],
    ["set-option", "-p", ...at, ownerOption, mark],
    ["pipe-pane", "-O", ...at, logCommand(log)],
  ];
}

/** A variable's name in a list of patterns that blanks and commas part. */
function asName(name: string): string {
  return name.replace(/[*?[\]\\]/g, "\\$&").replace(/[ ,]/g, "?");
}

async function within(isDone: () => boolean): Promise<boolean> {
  const deadline = performance.now() + launchedWithin;
  for (let step = 1; !isDone(); step = Math.min(2 * step, 20)) {
    if (performance.now() > deadline) return false;
    await sleep(step);
  }
  return true;
}
