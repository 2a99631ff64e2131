import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Config } from "../../src/model/config.ts";

const examples = fileURLToPath(new URL("../../examples/kinds/", import.meta.url));

/** Loads a copy of `examples/kinds/NAME.yaml` from a folder of its own, so that its paths lead there. */
export async function loadCopiedExample(
  name: string,
  folder: string,
  env: NodeJS.ProcessEnv = {},
): Promise<Config> {
  const file = join(folder, "healq.yaml");
  cpSync(join(examples, `${name}.yaml`), file);
  const result = await loadConfig(file, env);
  expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  if (!result.ok) throw new Error("unreachable");
  return result.config;
}
