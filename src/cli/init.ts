import { writeFileSync } from "node:fs";
import { initTemplate } from "../config/template.ts";
import { exitCodes, messageOf, UsageError } from "../model/errors.ts";
import type { CommandContext } from "./context.ts";

/** `healq init`: writes a commented config; refuses to overwrite one. */
export async function runInit({ terminal, json, configFile }: CommandContext): Promise<number> {
  try {
    writeFileSync(configFile, initTemplate(), { flag: "wx" });
  } catch (error) {
    const isThere = error instanceof Error && "code" in error && error.code === "EEXIST";
    const what = isThere
      ? "is there already and is left as it is; name another with -c FILE"
      : `cannot be written: ${messageOf(error)}`;
    throw new UsageError(`${configFile} ${what}`);
  }
  if (json) terminal.json({ file: configFile });
  else terminal.out(`wrote ${configFile}; edit it, then \`healq validate\` and \`healq up\`\n`);
  return exitCodes.ok;
}
