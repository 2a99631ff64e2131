import { execFileSync, spawn } from "node:child_process";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { scratch } from "./scratch.ts";
import { until } from "./wait.ts";

/** A tmux server of a test's own. */
export interface PrivateTmux {
  /** Its folder, removed with the test. */
  readonly base: string;
  /** The path of its socket. */
  readonly socket: string;
  /** Runs a tmux command there; returns what it printed. */
  run(...command: string[]): string;
  /** Starts a session with a program in it, or a shell. */
  session(name: string, ...argv: string[]): void;
  /** Types a line into a session. */
  type(name: string, line: string): void;
  /** What stands on its screen. */
  screen(name: string): string;
}

/** Prepares one; it starts with its first session and ends with the current test, with all that runs in it. */
export function privateTmux(base = scratch()): PrivateTmux {
  const socket = join(base, "t");
  const { TMUX: _, TMUX_PANE: _pane, ...env } = process.env;
  const run = (...command: string[]) =>
    execFileSync("tmux", ["-f", "/dev/null", "-S", socket, ...command], {
      env: { ...env, PS1: "$ ", ENV: "" },
      encoding: "utf8",
      stdio: ["ignore", "pipe", "ignore"],
    });
  onTestFinished(() => {
    try {
      run("kill-server");
    } catch {
      // None of its sessions is left, so it has ended.
    }
  });
  return {
    base,
    socket,
    run,
    session: (name, ...argv) => {
      run(
        "new-session",
        "-d",
        "-x",
        "80",
        "-y",
        "24",
        "-s",
        name,
        ...(argv.length > 0 ? ["env", ...argv] : ["sh"]),
      );
    },
    type: (name, line) => {
      run("send-keys", "-t", `=${name}:`, line, "Enter");
    },
    screen: (name) => run("capture-pane", "-p", "-t", `=${name}:`),
  };
}

/** A person at a terminal of their own, looking into a session; gone when the current test ends. */
export async function attachPerson(
  { socket, run }: Pick<PrivateTmux, "socket" | "run">,
  session: string,
): Promise<{ type(keys: string): void }> {
  const { TMUX: _, ...env } = process.env;
  // `script` gives it a terminal, as ssh would.
  const client = spawn("script", ["-qec", `tmux -S '${socket}' attach -t '=${session}:'`, "/dev/null"], {
    env: { ...env, TERM: "xterm" },
    stdio: ["pipe", "ignore", "ignore"],
  });
  const gone = new Promise((resolve) => client.once("exit", resolve));
  onTestFinished(async () => {
    client.kill();
    await gone;
  });
  await until(
    () => run("list-clients", "-F", "#{client_session} #{client_tty}").includes(`${session} /dev/`),
    {
      what: "somebody is attached",
    },
  );
  return { type: (keys) => void client.stdin.write(keys) };
}
