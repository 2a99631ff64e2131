import { lstatSync } from "node:fs";
import { type LoadResult, loadConfig } from "../config/load.ts";
import type { Config } from "../model/config.ts";
import { UsageError } from "../model/errors.ts";
import type { CommandContext } from "./context.ts";
import { ListedError } from "./errors.ts";

/** The config, checked. Throws a `ListedError` with every problem and its place, or a `UsageError` when there is no file. */
export async function configOf(context: CommandContext): Promise<Config> {
  const result = await readConfig(context);
  if (result.ok) return result.config;
  throw new ListedError(result.problems);
}

/** The config or its problems; throws a `UsageError` when there is no file. */
export async function readConfig(context: CommandContext): Promise<LoadResult> {
  if (isMissing(context.configFile)) {
    throw new UsageError(
      `there is no config ${context.configFile}; write one with \`healq init\`, or name yours with -c FILE or $HEALQ_CONFIG`,
    );
  }
  return loadConfig(context.configFile, process.env);
}

/** True when nothing has that name; not for a link that leads nowhere, nor in a folder that may not be entered. */
function isMissing(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) === undefined;
  } catch {
    return false; // why it cannot be read is said where it is read
  }
}
