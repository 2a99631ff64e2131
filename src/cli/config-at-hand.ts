import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { loadConfig } from "../config/load.ts";
import { nameOnly } from "../config/remains.ts";
import { idPattern } from "../lib/fields.ts";
import { parseJson } from "../lib/parse-json.ts";
import type { Config } from "../model/config.ts";
import { counted } from "../policy/words.ts";
import { visible } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import { ListedError } from "./errors.ts";
import { readConfig } from "./load-config.ts";
import { askSupervisor } from "./supervisor.ts";

/** A config, and whether it is only what is left of one with errors. */
export interface ConfigAtHand {
  readonly config: Config;
  readonly isRest: boolean;
}

/**
 * The config, for commands that look or stop and do not heal: one with errors is no reason to leave a person at night without
 * them. What is readable of it is used, with what lies in its `stateDir`, and stderr says so. Throws as `configOf` does
 * where there is no such folder, since then there is nothing to look at or to stop.
 */
export async function configAtHand(context: CommandContext): Promise<ConfigAtHand> {
  const result = await readConfig(context);
  if (result.ok) return { config: result.config, isRest: false };
  const rest = await asSupervised(context.configFile, result.rest);
  if (!existsSync(rest.stateDir)) throw new ListedError(result.problems);
  const { terminal, configFile, configFlag } = context;
  const errors = counted(result.problems.length, "error");
  terminal.note(
    `healq: ${visible(configFile)} has ${errors} (\`healq validate${visible(configFlag)}\` lists them); using what is readable, with stateDir ${visible(rest.stateDir)}`,
  );
  return { config: withLeft(rest), isRest: true };
}

/** The running supervisor knows its name better than a file in which it may be what is wrong. */
async function asSupervised(file: string, rest: Config): Promise<Config> {
  const supervisor = await askSupervisor(rest.stateDir);
  if (supervisor.at !== "running" || supervisor.holder.node === rest.node) return rest;
  const again = await loadConfig(file, { ...process.env, HEALQ_NODE: supervisor.holder.node });
  return again.ok ? again.config : again.rest;
}

/** With those targets that left something in `stateDir` and that the file does not show any more. */
function withLeft(config: Config): Config {
  const targets = new Map(config.targets);
  // What has a pid file is a process, however its kind is misspelt.
  for (const id of processesIn(join(config.stateDir, "pids")).filter((each) => idPattern.test(each))) {
    if (targets.get(id)?.kind !== "process") targets.set(id, nameOnly(id, "process", config));
  }
  for (const id of keysOf(join(config.stateDir, "status.json")).filter((each) => idPattern.test(each))) {
    if (!targets.has(id)) targets.set(id, nameOnly(id, "unknown", config));
  }
  return { ...config, targets };
}

function processesIn(folder: string): string[] {
  try {
    return readdirSync(folder).flatMap((name) => /^(.+)\.json$/.exec(name)?.[1] ?? []);
  } catch {
    return [];
  }
}

function keysOf(file: string): string[] {
  try {
    return Object.keys(parseJson(z.record(z.string(), z.unknown()), readFileSync(file, "utf8")) ?? {});
  } catch {
    return [];
  }
}
