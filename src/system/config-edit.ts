import { isDeepStrictEqual } from "node:util";
import { parseDocument, stringify } from "yaml";
import type { ConfigFormat } from "../model/ports.ts";
import { editToml } from "./config-edit-toml.ts";
import { editYaml } from "./config-edit-yaml.ts";
import type { ConfigEdit } from "./config-value.ts";

/** The new text, or why the old one cannot be edited, as the end of a sentence that names the file. */
export type Edited = { readonly text: string } | { readonly problem: string };

/**
 * Sets fields in the text of a file of settings, and changes no other byte of it: comments, order and indentation stay. The new
 * text is parsed, and must hold what the old one held but for those fields; what is written so that this fails is refused.
 */
export async function editConfig(
  text: string,
  format: ConfigFormat,
  edits: readonly ConfigEdit[],
): Promise<Edited> {
  const edit = format === "toml" ? editToml : editYaml;
  const wanted = await parsed(text, format);
  if (wanted === undefined) return { problem: "does not parse" };
  let edited = text;
  for (const each of edits) {
    const problem = setAt(wanted.value, each);
    if (problem !== undefined) return { problem };
    const next = edit(edited, each, format);
    if (next === undefined) return refusal;
    edited = next;
  }
  const got = await parsed(edited, format);
  return got !== undefined && isDeepStrictEqual(got.value, wanted.value) ? { text: edited } : refusal;
}

const refusal = { problem: "is written in a way that cannot be edited without changing more than that" };

/** The text of a new file with those fields. */
export async function newConfig(format: ConfigFormat, edits: readonly ConfigEdit[]): Promise<Edited> {
  const root = {};
  for (const each of edits) {
    const problem = setAt(root, each);
    if (problem !== undefined) return { problem };
  }
  if (format === "json") return { text: `${JSON.stringify(root, undefined, 2)}\n` };
  if (format === "yaml") return { text: stringify(root, { lineWidth: 0 }) };
  const toml = await import("smol-toml");
  return { text: `${toml.stringify(root).trimEnd()}\n` };
}

async function parsed(text: string, format: ConfigFormat): Promise<{ readonly value: unknown } | undefined> {
  try {
    if (format === "json") return { value: JSON.parse(text) };
    if (format === "toml") {
      const toml = await import("smol-toml");
      return { value: toml.parse(text, { integersAsBigInt: "asNeeded" }) };
    }
    const document = parseDocument(text, { merge: true });
    return document.errors.length > 0 ? undefined : { value: document.toJS() };
  } catch {
    return undefined;
  }
}

/** Sets a field of a parsed document, and makes the maps that are missing on the way; says why it cannot. */
function setAt(root: unknown, { names, value }: ConfigEdit): string | undefined {
  let at = root;
  for (const [i, name] of names.entries()) {
    if (typeof at !== "object" || at === null || at instanceof Date)
      return `has no map or list at ${names.slice(0, i).join(".")}`;
    if (Array.isArray(at) && at[Number(name)] === undefined)
      return `has no item ${name} in ${names.slice(0, i).join(".")}`;
    // An object, or a list that has this position.
    const container = at as Record<string, unknown>;
    const next = names[i + 1];
    if (next === undefined) container[name] = Array.isArray(value) ? [...value] : value;
    else if (!Object.hasOwn(container, name) || container[name] === null) {
      if (/^\d+$/.test(next)) return `has no list at ${names.slice(0, i + 1).join(".")}`;
      container[name] = Object.create(Object.getPrototypeOf(at));
    }
    at = container[name];
  }
  return undefined;
}
