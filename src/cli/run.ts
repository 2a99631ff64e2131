import type { Command } from "commander";
import type { CommandContext } from "./context.ts";

/** Runs a command's action with its context and keeps its exit code. */
export type Run = (command: Command, action: (context: CommandContext) => Promise<number>) => Promise<void>;
