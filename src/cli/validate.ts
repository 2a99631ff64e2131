import { targetsOn } from "../model/config.ts";
import { exitCodes } from "../model/errors.ts";
import { counted } from "../policy/words.ts";
import type { CommandContext } from "./context.ts";
import { ListedError } from "./errors.ts";
import { ladderWarnings } from "./ladder-warnings.ts";
import { readConfig } from "./load-config.ts";
import { scheduleWarnings } from "./schedule-warnings.ts";

/** `healq validate`: 2 with every problem and its place, on stderr; with `--json` they are the document on stdout. */
export async function runValidate(context: CommandContext): Promise<number> {
  const result = await readConfig(context);
  const { terminal, json, configFile } = context;
  if (!result.ok) {
    if (!json) throw new ListedError(result.problems);
    terminal.json({ ok: false, file: configFile, problems: result.problems });
    return exitCodes.usage;
  }
  const { node, targets } = result.config;
  const here = targetsOn(result.config, node).length;
  const warnings = [
    ...warningsOf({ all: targets.size, here, node }),
    ...scheduleWarnings(targets.values(), Date.now()),
    ...ladderWarnings(targets),
  ];
  if (json) {
    terminal.json({ ok: true, file: configFile, node, targets: targets.size, targetsHere: here, warnings });
    return exitCodes.ok;
  }
  terminal.out(`${configFile}: ok, ${counted(targets.size, "target")}, ${here} of them on ${node}\n`);
  for (const warning of warnings) terminal.note(`${configFile}: warning: ${warning}`);
  return exitCodes.ok;
}

/** What is allowed, but hardly meant. */
function warningsOf({ all, here, node }: { all: number; here: number; node: string }): string[] {
  if (all === 0) return ["there are no targets, so nothing is watched; add some under targets:"];
  if (here > 0) return [];
  return [
    `none of the targets is on this node, ${node}; is \`node:\` (or HEALQ_NODE) the name that \`on:\` means?`,
  ];
}
