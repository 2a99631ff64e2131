import { type LoadResult, loadWith } from "./load-with.ts";
import { registries } from "./registries.ts";

export type { LoadResult } from "./load-with.ts";

/**
 * Reads and checks a config file: all that is wrong with it at once, each with line and column (contract §3).
 * Never rejects for anything that is in the file, or for its absence.
 *
 * @param env where `${VAR}` and HEALQ_NODE come from
 */
export function loadConfig(file: string, env: NodeJS.ProcessEnv): Promise<LoadResult> {
  return loadWith(registries, file, env);
}
