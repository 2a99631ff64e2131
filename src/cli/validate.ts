import { formatProblem } from "../config/problem.ts";
import { targetsOn } from "../model/config.ts";
import { exitCodes } from "../model/errors.ts";
import type { CommandContext } from "./context.ts";
import { ListedError } from "./errors.ts";
import { readConfig } from "./load-config.ts";

/** `healq validate`: 2 with every problem and its place, on stderr; with `--json` they are the document on stdout. */
export async function runValidate(context: CommandContext): Promise<number> {
  const result = await readConfig(context);
  const { terminal, json, configFile } = context;
  if (!result.ok) {
    if (!json) throw new ListedError(result.problems.map(formatProblem));
    terminal.json({ ok: false, file: configFile, problems: result.problems });
    return exitCodes.usage;
  }
  const { node, targets } = result.config;
  const here = targetsOn(result.config, node).length;
  if (json) terminal.json({ ok: true, file: configFile, node, targets: targets.size, targetsHere: here });
  else terminal.out(`${configFile}: ok, ${targets.size} targets, ${here} of them on ${node}\n`);
  return exitCodes.ok;
}
