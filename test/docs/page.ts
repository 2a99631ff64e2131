import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** A block of code on a page: its language, the file that stands behind the language, and its text. */
export interface Block {
  readonly language: string;
  readonly file: string;
  readonly text: string;
}

/** The blocks of code of a page, in order. */
export function blocksOf(page: string): Block[] {
  const fences = page.matchAll(/^```(\w+)(?: (\S+))?\n(.*?)^```$/gms);
  return [...fences].map(([, language = "", file = "", text = ""]) => ({ language, file, text }));
}

/** Does what a block of a file says, below that folder: writes the file, or changes it where a `diff` fits exactly once. */
export function follow(block: Block, folder: string): void {
  const path = join(folder, block.file);
  if (block.language !== "diff") {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, block.text);
    return;
  }
  const lines = block.text.split("\n").slice(0, -1);
  const side = (sign: string) =>
    lines.flatMap((line) => (line.startsWith(sign) || line.startsWith(" ") ? [`${line.slice(1)}\n`] : []));
  const parts = readFileSync(path, "utf8").split(side("-").join(""));
  if (parts.length !== 2)
    throw new Error(`the diff fits ${parts.length - 1} times into ${block.file}:\n${block.text}`);
  writeFileSync(path, parts.join(side("+").join("")));
}

/** The commands of a console block, each with the output that is shown for it. */
export function commandsOf(block: Block): { command: string; shown: string }[] {
  return block.text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const [command = "", ...shown] = part.split("\n");
      return { command: command.replace(/ {2,}#.*$/, ""), shown: shown.join("\n") };
    });
}
