import { processSpecOf } from "../checks/process-spec.ts";
import { isOn } from "../model/config.ts";
import { instancesOf } from "../model/copies.ts";
import { exitCodes, UsageError } from "../model/errors.ts";
import type { Target } from "../model/target.ts";
import { lastLines } from "../system/last-lines.ts";
import { defaultLogPath } from "../system/layout.ts";
import { visibleLines } from "../views/text.ts";
import { type ConfigAtHand, configAtHand } from "./config-at-hand.ts";
import type { CommandContext } from "./context.ts";
import { followFile } from "./follow-file.ts";
import { untilInterrupted } from "./interrupt.ts";
import { writeRemoteLogs } from "./remote-logs.ts";
import { copyNamed } from "./targets.ts";

/** A line without an end is shown when it is longer than this. Characters. */
const longestLine = 64 * 1024;

/** Flags of `healq logs`. */
interface LogOptions {
  readonly follow?: boolean;
  readonly lines: number;
}

/**
 * `healq logs`: the last lines of a process' output, and with `--follow` what comes. With `--json` an object a line. That of
 * another node is asked of it over Redis.
 */
export async function runLogs(context: CommandContext, name: string, options: LogOptions): Promise<number> {
  const atHand = await configAtHand(context);
  const { config } = atHand;
  const target = copyNamed(name, config.targets);
  const path = target === undefined ? undefined : logPathOf(target, atHand);
  const lines = lineWriter(context, name);
  if (target === undefined || path === undefined || !isOn(target, config.node)) {
    await writeRemoteLogs({ context, config, name, options, write: lines.write });
  } else await writeOwnLogs({ context, target, name, path, options, write: lines.write });
  lines.end();
  return exitCodes.ok;
}

/** Where the output of a process lies; throws a `UsageError` when healq does not have it. */
function logPathOf(target: Target, { config: { stateDir }, isRest }: ConfigAtHand): string {
  const path = target.kind === "process" ? processSpecOf(target, stateDir)?.log.path : undefined;
  if (path !== undefined) return path;
  // What is left of a config with errors need not say any more that healq starts it.
  if (isRest) return defaultLogPath(stateDir, target.id);
  throw new UsageError(`healq does not start ${target.id}, so it does not have its output`);
}

async function writeOwnLogs(parts: {
  context: CommandContext;
  target: Target;
  name: string;
  path: string;
  options: LogOptions;
  write: (text: string) => void;
}): Promise<void> {
  const { context, target, name, path, options, write } = parts;
  const copies = target.id.includes("@") ? 1 : instancesOf(target.spec);
  if (copies > 1)
    context.terminal.note(
      `healq: ${name} has ${copies} copies; this is the first one's log, the others': healq logs ${name}@2${copies > 2 ? ` … ${name}@${copies}` : ""}`,
    );
  const end = lastLines(path, options.lines);
  if (end === undefined)
    context.terminal.note(`healq: ${name} has not written anything yet (there is no ${path})`);
  write(end?.text ?? "");
  if (options.follow === true) await follow(path, end, write);
}

async function follow(
  path: string,
  end: ReturnType<typeof lastLines>,
  write: (text: string) => void,
): Promise<void> {
  const { signal, off } = untilInterrupted();
  try {
    for await (const text of followFile(path, end, signal)) write(text);
  } finally {
    off();
  }
}

/** Writes whole lines; what a terminal would act on is made visible. */
function lineWriter(
  { terminal, json }: CommandContext,
  target: string,
): { write(text: string): void; end(): void } {
  let rest = "";
  const put = (line: string): void => {
    const text = visibleLines(line.replace(/\r$/, ""));
    if (json) terminal.jsonLine({ target, line: line.replace(/\r$/, "") });
    else terminal.out(`${text}\n`);
  };
  return {
    write: (text) => {
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) put(line);
      if (rest.length > longestLine) {
        put(rest);
        rest = "";
      }
    },
    end: () => {
      if (rest !== "") put(rest);
      rest = "";
    },
  };
}
