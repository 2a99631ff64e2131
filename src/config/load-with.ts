import type { Config } from "../model/config.ts";
import { buildConfig } from "./build-config.ts";
import { parseYaml } from "./parse-yaml.ts";
import type { Problem } from "./problem.ts";
import { byName, type Registries } from "./registry.ts";
import { remainsOf } from "./remains.ts";
import { readSource } from "./source.ts";

/** A config, or all that is wrong with its file, from top to bottom. */
export type LoadResult =
  | { readonly ok: true; readonly config: Config }
  | {
      readonly ok: false;
      readonly problems: Problem[];
      /** What can still be read of it; see `remainsOf`. */
      readonly rest: Config;
    };

/** Reads and checks a config file against the given registries. Never rejects for anything that is in the file, or for its absence. */
export async function loadWith(
  registries: Registries,
  file: string,
  env: NodeJS.ProcessEnv,
): Promise<LoadResult> {
  const origin = { file, env, named: byName(registries) };
  const source = await readSource(file);
  if (!source.ok) {
    return { ok: false, problems: [unreadable(file, source)], rest: remainsOf(undefined, origin) };
  }
  const { root, rest, problems } = parseYaml(file, source.text, env);
  if (root === undefined) return { ok: false, problems: problems.list(), rest: remainsOf(rest, origin) };
  const config = buildConfig(root, origin, problems);
  if (problems.count === 0) return { ok: true, config };
  return { ok: false, problems: problems.list(), rest: remainsOf(root, origin) };
}

/** The one problem of a file that is no text; with its place when the fault is inside it. */
function unreadable(file: string, { message, before }: { message: string; before?: string }): Problem {
  const lines = before?.split("\n");
  const [line, column] = lines === undefined ? [0, 0] : [lines.length, (lines.at(-1)?.length ?? 0) + 1];
  return { file, line, column, path: "", message };
}
