import {
  isMap,
  isNode,
  isScalar,
  isSeq,
  type Node,
  type Pair,
  parse,
  parseDocument,
  type YAMLMap,
} from "yaml";
import type { ConfigFormat } from "../model/ports.ts";
import type { ConfigEdit, ConfigValue } from "./config-value.ts";

/**
 * Sets one field in a text of YAML, or of JSON, which YAML can read: the parser says where each value stands, and only
 * that stretch is written anew. Undefined when it does not know how; whether the result is right is for the caller to see.
 */
export function editYaml(text: string, edit: ConfigEdit, format: ConfigFormat): string | undefined {
  const document = parseDocument(text, { prettyErrors: false });
  if (document.errors.length > 0) return undefined;
  let node: unknown = document.contents;
  for (const [i, name] of edit.names.entries()) {
    const rest = { names: edit.names.slice(i), value: edit.value };
    let next: unknown;
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === name);
      if (pair === undefined) return inserted(text, { map: node, edit: rest, format });
      next = pair.value;
    } else if (isSeq(node)) next = node.items[Number(name)];
    if (!isNode(next)) return undefined;
    const isNull = isScalar(next) && next.value === null;
    if (i === edit.names.length - 1 || isNull)
      return replaced(text, next, flow({ names: edit.names.slice(i + 1), value: edit.value }, format));
    node = next;
  }
  return undefined;
}

function replaced(text: string, node: Node, by: string): string | undefined {
  if (!node.range || ("anchor" in node && node.anchor !== undefined)) return undefined;
  const [from, to] = node.range;
  const blank = from === to && !/\s/.test(text[from - 1] ?? " ") ? " " : "";
  const newline = text.slice(from, to).endsWith("\n") ? "\n" : "";
  return splice(text, { from, to }, blank + by + newline);
}

interface Insertion {
  readonly map: YAMLMap;
  readonly edit: ConfigEdit;
  readonly format: ConfigFormat;
}

function inserted(text: string, at: Insertion): string | undefined {
  const [first, last] = [at.map.items[0], at.map.items.at(-1)];
  const [start, end] = [first && keyStart(first), last && endOf(last)];
  if (at.map.flow === true) return intoFlow(text, at, last && { start: keyStart(last), end: endOf(last) });
  return start === undefined || end === undefined ? undefined : intoBlock(text, at, { start, end });
}

/** A line of its own after the last one of the map, as far in as the first one. */
function intoBlock(text: string, at: Insertion, { start, end }: { start: number; end: number }): string {
  const indent = " ".repeat(start - (text.lastIndexOf("\n", start - 1) + 1));
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const { names, value } = at.edit;
  const lines = names.map((name, i) => {
    const own = i === names.length - 1 ? ` ${shown(value, at.format)}` : "";
    return `${indent}${"  ".repeat(i)}${shown(name, at.format)}:${own}`;
  });
  const block = lines.join(eol);
  const newline = text[end - 1] === "\n" ? end - 1 : text.indexOf("\n", end);
  if (newline < 0) return `${text}${eol}${block}${eol}`;
  return splice(text, { from: newline + 1, to: newline + 1 }, block + eol);
}

/** After the last member, on a line of its own if that one is. */
function intoFlow(
  text: string,
  { map, edit, format }: Insertion,
  last: { start: number | undefined; end: number | undefined } | undefined,
): string | undefined {
  if (!map.range) return undefined;
  const [from, to] = map.range;
  if (last === undefined)
    return /^\{\s*\}$/.test(text.slice(from, to))
      ? splice(text, { from, to }, flow(edit, format))
      : undefined;
  const { start, end } = last;
  if (start === undefined || end === undefined) return undefined;
  const gap = /\r?\n[ \t]*$/.exec(text.slice(from, start))?.[0] ?? " ";
  const [name = "", ...names] = edit.names;
  const member = `${shown(name, format)}: ${flow({ names, value: edit.value }, format)}`;
  return splice(text, { from: end, to: end }, `,${gap}${member}`);
}

function keyStart({ key }: Pair): number | undefined {
  return isNode(key) ? key.range?.[0] : undefined;
}

function endOf({ key, value }: Pair): number | undefined {
  if (isNode(value)) return value.range?.[1];
  return isNode(key) ? key.range?.[1] : undefined;
}

/** The value within maps of those names: `{ server: { port: 1 } }`. */
function flow({ names, value }: ConfigEdit, format: ConfigFormat): string {
  const [name, ...rest] = names;
  if (name === undefined) return shown(value, format);
  return `{ ${shown(name, format)}: ${flow({ names: rest, value }, format)} }`;
}

/** A text stands as it is where it is the same text for every reader of YAML, else in quotes. */
function shown(value: ConfigValue, format: ConfigFormat): string {
  if (typeof value === "string") {
    const simple =
      format === "yaml" && /^[A-Za-z][\w-]*$/.test(value) && !/^(?:y|yes|n|no|on|off)$/i.test(value);
    return simple && parse(value) === value ? value : JSON.stringify(value);
  }
  if (typeof value === "object") return `[${value.map((item) => shown(item, format)).join(", ")}]`;
  return String(value);
}

function splice(text: string, { from, to }: { from: number; to: number }, by: string): string {
  return text.slice(0, from) + by + text.slice(to);
}
