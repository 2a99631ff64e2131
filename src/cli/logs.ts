import { processSpecOf } from "../checks/process.ts";
import { exitCodes, UsageError } from "../model/errors.ts";
import { visibleLines } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import { followFile } from "./follow-file.ts";
import { untilInterrupted } from "./interrupt.ts";
import { lastLines } from "./last-lines.ts";
import { configOf } from "./load-config.ts";
import { targetHere } from "./targets.ts";

/** A line without an end is shown when it is longer than this. Characters. */
const longestLine = 64 * 1024;

/** `healq logs`: the last lines of a process' output, and with `--follow` what comes. With `--json` an object a line. */
export async function runLogs(
  context: CommandContext,
  name: string,
  options: { follow?: boolean; lines: number },
): Promise<number> {
  const config = await configOf(context);
  const target = targetHere(config, name, "`healq logs` reads this node's files; look");
  const path = target.kind === "process" ? processSpecOf(target, config.stateDir)?.log.path : undefined;
  if (path === undefined)
    throw new UsageError(`healq does not start ${name}, so it does not have its output`);
  const { terminal } = context;
  const end = lastLines(path, options.lines);
  if (end === undefined) terminal.note(`healq: ${name} has not written anything yet (there is no ${path})`);
  const lines = lineWriter(context, name);
  lines.write(end?.text ?? "");
  if (options.follow === true) await follow(path, end, lines.write);
  lines.end();
  return exitCodes.ok;
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
