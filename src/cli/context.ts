import type { Terminal } from "./terminal.ts";
import type { UpModule } from "./up-module.ts";

/** What the command line is handed from above: the one door upward. */
export interface CliDependencies {
  /** Loads the part that runs a node. */
  up(): Promise<UpModule>;
}

/** What every command gets. */
export interface CommandContext {
  /** The config file as it was named, so that messages name it the same way. */
  readonly configFile: string;
  /** ` -c FILE` where that was given, for commands that are shown to be typed next; else empty. */
  readonly configFlag: string;
  /** Stdout is one JSON document, or JSON lines for streams. */
  readonly json: boolean;
  /** Errors come with their stack, logs with more detail. */
  readonly debug: boolean;
  readonly terminal: Terminal;
  readonly dependencies: CliDependencies;
}
