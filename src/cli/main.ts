import type { CliDependencies } from "./context.ts";
import { reportError } from "./errors.ts";
import { buildProgram } from "./program.ts";
import { openTerminal } from "./terminal.ts";

/** How long what a command left open may keep the process after its end, in milliseconds. */
const lingerAtMost = 100;

/**
 * Runs one command line and sets the exit code (contract §2). Nothing heavy is loaded before the command is known.
 * The process ends by itself; what still holds it open is cut off after a moment.
 */
export async function main(argv: readonly string[], dependencies: CliDependencies): Promise<void> {
  const terminal = openTerminal();
  let code = 0;
  try {
    const done = (exitCode: number): void => {
      code = exitCode;
    };
    const program = buildProgram({ terminal, dependencies, done });
    await program.parseAsync([...argv]);
  } catch (error) {
    // Whoever detached this process reads its stderr, and answers in JSON itself.
    const json = argv.includes("--json") && process.send === undefined;
    code = reportError(error, { terminal, debug: argv.includes("--debug"), json });
  }
  process.exitCode = code;
  // A pipe that is read slowly takes as long as it takes: what was printed is never cut off.
  await Promise.all([flushed(process.stdout), flushed(process.stderr)]);
  setTimeout(() => process.exit(code), lingerAtMost).unref();
}

/** Resolves when all that was written has gone out, or nobody reads it any more. */
function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => stream.write("", () => resolve()));
}
