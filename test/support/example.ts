import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Config } from "../../src/model/config.ts";
import type { Target } from "../../src/model/target.ts";

/** The example of a kind, `examples/kinds/KIND.yaml`, as users have it; `env` fills in its variables. */
export async function loadExample(kind: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const file = fileURLToPath(new URL(`../../examples/kinds/${kind}.yaml`, import.meta.url));
  const result = await loadConfig(file, env);
  expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  if (!result.ok) throw new Error("unreachable");
  return result.config;
}

/** The only target of such an example. */
export async function exampleTarget(kind: string, env: NodeJS.ProcessEnv = {}): Promise<Target> {
  const [target] = (await loadExample(kind, env)).targets.values();
  if (target === undefined) throw new Error(`examples/kinds/${kind}.yaml has no target`);
  return target;
}
