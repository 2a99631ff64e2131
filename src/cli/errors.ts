import { CommanderError } from "commander";
import { exitCodes, HealqError, messageOf } from "../model/errors.ts";
import { paint } from "../views/colour.ts";
import { visibleLines } from "../views/text.ts";
import type { Terminal } from "./terminal.ts";

/** A failure whose message is a list that already names places (`healq.yaml:14:7: …`), so nothing is put before it. */
export class ListedError extends HealqError {
  constructor(lines: readonly string[]) {
    super("config", lines.join("\n"), { exitCode: exitCodes.usage });
  }
}

/** Says on stderr what went wrong, in a line or two, and returns the exit code. A stack only with `debug`. */
export function reportError(error: unknown, options: { terminal: Terminal; debug: boolean }): number {
  const { terminal, debug } = options;
  // commander has written its own message by now; help and version that were asked for are no errors.
  if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  const isExpected = error instanceof HealqError;
  const text = isExpected ? messageOf(error) : `unexpected error: ${messageOf(error)}`;
  const hint = isExpected || debug ? "" : " (run it again with --debug for the details)";
  const before =
    error instanceof ListedError ? "" : `${paint("healq:", "bad", { colour: terminal.errorColour })} `;
  terminal.note(`${before}${visibleLines(text)}${hint}`);
  if (debug) for (const line of stackOf(error)) terminal.note(visibleLines(line));
  return isExpected ? error.exitCode : exitCodes.bad;
}

function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const cause = error.cause === undefined ? [] : ["caused by:", ...stackOf(error.cause)];
  return [error.stack ?? "", ...cause];
}
