import { Command } from "commander";
import { paint } from "../views/colour.ts";
import { visibleLines } from "../views/text.ts";
import type { CliDependencies } from "./context.ts";
import { usageMessage } from "./errors.ts";
import { addNodeCommands } from "./node-commands.ts";
import { addRecordCommands } from "./record-commands.ts";
import type { Run } from "./run.ts";
import { addTargetCommands } from "./target-commands.ts";
import type { Terminal } from "./terminal.ts";
import { version } from "./version.ts";

interface GlobalOptions {
  readonly config?: string;
  readonly json?: boolean;
  readonly debug?: boolean;
}

/** The whole command line; `done` is told the exit code of the command that ran. Parsing throws instead of exiting. */
export function buildProgram(parts: {
  terminal: Terminal;
  dependencies: CliDependencies;
  done(exitCode: number): void;
}): Command {
  const { terminal, dependencies } = parts;
  const run: Run = async (command, action) => {
    const options = command.optsWithGlobals<GlobalOptions>();
    const given = options.config ?? process.env.HEALQ_CONFIG;
    const configFile = given === undefined || given === "" ? "healq.yaml" : given;
    const context = {
      configFile,
      configFlag: options.config === undefined ? "" : ` -c ${shellWord(options.config)}`,
      json: options.json === true,
      debug: options.debug === true,
      terminal,
      dependencies,
    };
    parts.done(await action(context));
  };
  const program = rootCommand(terminal);
  addNodeCommands(program, run);
  addTargetCommands(program, run);
  addRecordCommands(program, run);
  for (const command of program.commands) {
    const hint = `healq ${command.name()} --help shows how it is used`;
    command.configureOutput({
      outputError: (text, write) => write(usageError(text, hint, terminal.errorColour)),
    });
  }
  return program;
}

/** A word as a shell takes it. */
function shellWord(text: string): string {
  return /^[\w./:=@%+,-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

function rootCommand(terminal: Terminal): Command {
  const hint = "healq --help lists the commands";
  return new Command("healq")
    .description(
      "Self-healing for what people actually run: checks, cures, and looks again before it says so.",
    )
    .version(version(), "-V, --version", "print the version")
    .helpOption("-h, --help", "help, with an example")
    .option("-c, --config <FILE>", "the config file (default: $HEALQ_CONFIG, else healq.yaml here)")
    .option("--json", "stdout is one JSON document, or JSON lines for streams")
    .option("--debug", "errors with their stack, logs with more detail")
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      writeErr: (text) => terminal.progress(text),
      outputError: (text, write) => write(usageError(text, hint, terminal.errorColour)),
    })
    .addHelpText("after", `\n${afterHelp}`);
}

const afterHelp = `Example:
  healq up --detach && healq status

Exit codes: 0 all well; 1 something is bad, or was not healed; 2 wrong usage or
config; 3 healq or Redis cannot be reached.`;

/** What commander says; where it has no hint of its own, ours follows. */
function usageError(text: string, hint: string, colour: boolean): string {
  const said = usageMessage(text);
  return `${paint("healq:", "bad", { colour })} ${visibleLines(said)}${said.includes("\n") ? "" : `\n${hint}`}\n`;
}
