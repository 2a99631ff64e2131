import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import type { Config } from "../model/config.ts";
import { exitCodes, HealqError } from "../model/errors.ts";
import { prepareStateDir } from "../system/state-dir.ts";
import { visible } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import type { UpRole } from "./up-module.ts";

/** How long the start may take, in milliseconds. */
const startWithin = 15_000;
/** How many of its last lines are shown when it fails. */
const shownLines = 15;

const startedSchema = z.object({
  started: z.literal(true),
  loginLink: z.string().optional(),
  pageProblem: z.string().optional(),
});
type Started = z.infer<typeof startedSchema>;

/**
 * Starts `healq up` in the background and waits until it says that it runs (over a channel between the two, closed
 * afterwards). Its output goes to `stateDir/logs/healq.log`. Rejects with the last lines of it when the start fails.
 */
export async function detach(
  context: CommandContext,
  config: Config,
  roles: ReadonlySet<UpRole>,
): Promise<number> {
  prepareStateDir(config.stateDir);
  const file = join(config.stateDir, "logs", "healq.log");
  const log = openSync(file, "a+", 0o600);
  const before = fstatSync(log).size;
  const child = spawn(process.execPath, argumentsOf(context, roles), {
    detached: true,
    stdio: ["ignore", log, log, "ipc"],
  });
  try {
    const started = await untilStarted(child, () => `\n${lastLines(log, before)}`);
    report(context, { pid: child.pid ?? 0, log: file, node: config.node, ...started });
    return exitCodes.ok;
  } finally {
    closeSync(log);
    if (child.connected) child.disconnect();
    child.unref();
  }
}

function argumentsOf(context: CommandContext, roles: ReadonlySet<UpRole>): string[] {
  const script = process.argv[1] ?? "";
  const flags = [...(context.json ? ["--json"] : []), ...(context.debug ? ["--debug"] : [])];
  return [
    ...process.execArgv,
    script,
    "up",
    "--config",
    context.configFile,
    "--only",
    [...roles].join(","),
    ...flags,
  ];
}

function untilStarted(child: ChildProcess, said: () => string): Promise<Started> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, exitCode: number): void => {
      clearTimeout(timer);
      reject(new HealqError("start", `${what}; it wrote:${said()}`, { exitCode }));
    };
    const timer = setTimeout(() => {
      fail(
        `healq (pid ${child.pid}) is not ready after ${startWithin / 1_000} s; it goes on starting`,
        exitCodes.bad,
      );
    }, startWithin);
    child.on("message", (message) => {
      const parsed = startedSchema.safeParse(message);
      if (!parsed.success) return;
      clearTimeout(timer);
      resolve(parsed.data);
    });
    child.once("error", (error) => fail(`healq could not be started: ${error.message}`, exitCodes.bad));
    child.once("exit", (code, signal) => {
      const how = signal === null ? `code ${code}` : `signal ${signal}`;
      const isOurs = code === exitCodes.usage || code === exitCodes.unreachable;
      fail(`healq ended with ${how} while it started`, isOurs ? code : exitCodes.bad);
    });
  });
}

/** The last lines that were written after byte `from`, of at most 8 KiB. */
function lastLines(log: number, from: number): string {
  const { size } = fstatSync(log);
  const start = Math.max(from, size - 8_192);
  const bytes = Buffer.alloc(Math.max(0, size - start));
  const read = readSync(log, bytes, 0, bytes.length, start);
  const lines = bytes.toString("utf8", 0, read).trimEnd().split("\n").slice(-shownLines);
  return lines.map((line) => `  ${visible(line)}`).join("\n");
}

function report(
  { terminal, json, configFlag }: CommandContext,
  started: { pid: number; log: string; node: string } & Started,
): void {
  if (json) {
    terminal.json(started);
    return;
  }
  if (started.pageProblem !== undefined) terminal.note(`healq: ${visible(started.pageProblem)}`);
  const page = started.loginLink === undefined ? "" : `  page: ${visible(started.loginLink)}\n`;
  terminal.out(
    `healq runs ${started.node} as pid ${started.pid}\n  look: healq status${visible(configFlag)}\n  stop: healq down${visible(configFlag)}\n  log:  ${started.log}\n${page}`,
  );
}
