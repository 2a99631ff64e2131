import type { Command } from "commander";
import { exitCodes, UsageError } from "../model/errors.ts";
import { visible } from "../views/text.ts";
import { completion } from "./candidates.ts";
import { completionScript, shells } from "./completion-scripts.ts";
import type { CommandContext } from "./context.ts";

/** `healq completion SHELL`: prints the script that the shell reads. */
export async function runCompletion({ terminal, json }: CommandContext, name: string): Promise<number> {
  const shell = shells.find((each) => each === name);
  if (shell === undefined) {
    throw new UsageError(`healq completes in ${shells.join(", ")}, not in "${visible(name)}"`);
  }
  if (json) terminal.json({ shell, script: completionScript(shell) });
  else terminal.out(completionScript(shell));
  return exitCodes.ok;
}

/** `healq __complete -- WORD…`, asked by those scripts: what may stand in the place of the last word, one a line. */
export async function runComplete(
  { terminal }: CommandContext,
  asked: { program: Command; words: readonly string[] },
): Promise<number> {
  const found = completion(asked.program, asked.words, process.env);
  if (found.type === "files") terminal.out(":files\n");
  else for (const { word, about } of found.candidates) terminal.out(`${word}\t${visible(about)}\n`);
  return exitCodes.ok;
}
