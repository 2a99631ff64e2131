import { CommanderError } from "commander";
import { formatProblem, type Problem } from "../config/problem.ts";
import { exitCodes, HealqError, messageOf } from "../model/errors.ts";
import { paint } from "../views/colour.ts";
import { visible, visibleLines } from "../views/text.ts";
import type { Terminal } from "./terminal.ts";

/** A config with problems. Its message is a list that already names places (`healq.yaml:14:7: …`), so nothing is put before it. */
export class ListedError extends HealqError {
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    const lines = problems.slice(0, mostLines).map((problem) => visible(formatProblem(problem)));
    const more = problems.length - mostLines;
    if (more > 0) lines.push(`… and ${more} more; \`healq validate --json\` lists them all`);
    super("config", lines.join("\n"), { exitCode: exitCodes.usage });
    this.problems = problems;
  }
}

/** A file that is no config at all has half a million problems, and the first ones tell it. */
const mostLines = 100;

/** How a failure is told. */
interface Reporting {
  readonly terminal: Terminal;
  /** With the stack. */
  readonly debug: boolean;
  /** On stdout too, as the one document `{error: {code, message, exitCode, problems?}}`. */
  readonly json: boolean;
}

/** Says on stderr what went wrong, in a line or two, and returns the exit code. */
export function reportError(error: unknown, { terminal, debug, json }: Reporting): number {
  if (error instanceof CommanderError) return reportUsage(error, { terminal, json });
  const isExpected = error instanceof HealqError;
  const exitCode = isExpected ? error.exitCode : exitCodes.bad;
  if (json) {
    const problems = error instanceof ListedError ? { problems: error.problems } : {};
    const code = isExpected ? error.code : "unexpected";
    terminal.json({ error: { code, message: messageOf(error), exitCode, ...problems } });
  }
  const text = isExpected ? messageOf(error) : `unexpected error: ${messageOf(error)}`;
  const hint = isExpected || debug ? "" : " (run it again with --debug for the details)";
  const before =
    error instanceof ListedError ? "" : `${paint("healq:", "bad", { colour: terminal.errorColour })} `;
  terminal.note(`${before}${visibleLines(text)}${hint}`);
  if (debug) for (const line of stackOf(error)) terminal.note(visibleLines(line));
  return exitCode;
}

/** commander has written its own message by now; help and version that were asked for are no errors. */
function reportUsage(
  { exitCode, code, message: said }: CommanderError,
  { terminal, json }: Pick<Reporting, "terminal" | "json">,
): number {
  if (exitCode === 0) return exitCodes.ok;
  const message = code === "commander.help" ? "which command? `healq --help` lists them" : usageMessage(said);
  if (json) terminal.json({ error: { code: "usage", message, exitCode: exitCodes.usage } });
  return exitCodes.usage;
}

/** What commander says, in our words. */
export function usageMessage(said: string): string {
  return said.replace(/^error: /, "").trimEnd();
}

function stackOf(error: unknown): string[] {
  if (!(error instanceof Error)) return [];
  const cause = error.cause === undefined ? [] : ["caused by:", ...stackOf(error.cause)];
  return [error.stack ?? "", ...cause];
}
