import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** A comment right above `export const x = defineKind<…>({ kind: "…"`. */
const above =
  /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*export const \w+ = defineKind(?:<[^(]*>)?\(\{\s*kind: "([\w-]+)"/g;

/** What stands above the definition of each kind in its source, by the kind's name; a blank line of a comment begins a paragraph. */
export function kindDocstrings(folder: string): ReadonlyMap<string, string> {
  const sources = readdirSync(folder).filter((name) => name.endsWith(".ts"));
  const found = sources.flatMap((name) => [...readFileSync(join(folder, name), "utf8").matchAll(above)]);
  return new Map(found.map(([, comment = "", kind = ""]) => [kind, plainText(comment)]));
}

function plainText(comment: string): string {
  const lines = comment.split("\n").map((line) => line.replace(/^\s*\*\s?/, "").trim());
  return lines.join("\n").trim();
}
