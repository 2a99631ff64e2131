import { existsSync } from "node:fs";
import { type LoadResult, loadConfig } from "../config/load.ts";
import { formatProblem } from "../config/problem.ts";
import type { Config } from "../model/config.ts";
import { UsageError } from "../model/errors.ts";
import type { CommandContext } from "./context.ts";
import { ListedError } from "./errors.ts";

/** The config, checked. Throws a `ListedError` with every problem and its place, or a `UsageError` when there is no file. */
export async function configOf(context: CommandContext): Promise<Config> {
  const result = await readConfig(context);
  if (result.ok) return result.config;
  throw new ListedError(result.problems.map(formatProblem));
}

/** The config or its problems; throws a `UsageError` when there is no file. */
export async function readConfig(context: CommandContext): Promise<LoadResult> {
  if (!existsSync(context.configFile)) {
    throw new UsageError(
      `there is no config ${context.configFile}; write one with \`healq init\`, or name yours with -c FILE or $HEALQ_CONFIG`,
    );
  }
  return loadConfig(context.configFile, process.env);
}
