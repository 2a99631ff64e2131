import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { loadWith } from "../../src/config/load-with.ts";
import { formatProblem } from "../../src/config/problem.ts";
import { registries } from "../../src/config/registries.ts";
import type { Registries } from "../../src/config/registry.ts";
import type { Config } from "../../src/model/config.ts";
import type { Target } from "../../src/model/target.ts";
import { makeScratch, scratch } from "../support/scratch.ts";
import { testRegistries } from "./registries.ts";

/** Loads a text that must be right. */
export function loadText(text: string, env: NodeJS.ProcessEnv = {}): Promise<Config> {
  return load(text, testRegistries, { folder: scratch(), env });
}

/** The same with the kinds and remedies that users have; also outside of a test. */
export async function loadRealText(text: string): Promise<Config> {
  const folder = makeScratch();
  const config = await load(text, registries, { folder, env: {} });
  rmSync(folder, { recursive: true });
  return config;
}

async function load(
  text: string,
  by: Registries,
  { folder, env }: { folder: string; env: NodeJS.ProcessEnv },
): Promise<Config> {
  const file = join(folder, "healq.yaml");
  writeFileSync(file, text);
  const result = await loadWith(by, file, env);
  expect(result.ok ? [] : result.problems.map(formatProblem)).toEqual([]);
  if (!result.ok) throw new Error("unreachable");
  return result.config;
}

/** The problems of a text, as people see them but for the file. */
export async function problemsOf(
  content: string | Uint8Array,
  env: NodeJS.ProcessEnv = {},
): Promise<string[]> {
  const file = join(scratch(), "healq.yaml");
  writeFileSync(file, content);
  return problemsOfFile(file, env);
}

/** The problems of a file, as people see them but for its name. */
export async function problemsOfFile(file: string, env: NodeJS.ProcessEnv = {}): Promise<string[]> {
  const result = await loadWith(testRegistries, file, env);
  return result.ok
    ? []
    : result.problems.map((problem) =>
        formatProblem(problem)
          .slice(file.length + 1)
          .trimStart(),
      );
}

/** A target that must be there. */
export function targetOf(config: Config, id: string): Target {
  const target = config.targets.get(id);
  if (target === undefined) throw new Error(`no target ${id}`);
  return target;
}
