import { isDeepStrictEqual } from "node:util";
import type { ConfigEdit, ConfigValue } from "./config-value.ts";

const name = `(?:"[^"\\\\]*"|'[^']*'|[A-Za-z0-9_-]+)`;
const path = `${name}(?:\\s*\\.\\s*${name})*`;
const header = new RegExp(`^\\s*\\[\\s*(${path})\\s*\\]\\s*(?:#.*)?$`);
const assignment = new RegExp(`^(\\s*(${path})\\s*=\\s*)(.*)$`);
/** A value that begins and ends on its line: a string, a list without strings in it, or a bare word. */
const lineValue =
  /^(?:"(?:[^"\\]|\\.)*"|'[^']*'|\[[^\]#"']*\]|\[(?:\s*"(?:[^"\\]|\\.)*"\s*,?)*\s*\]|[^\s#"'[{][^#]*?)(?=\s*(?:#.*)?$)/;

/**
 * Sets one field in a text of TOML, line by line: no library writes TOML back with its comments. It knows tables, dotted keys and
 * values of one line; undefined when the value goes over several. Whether the result is right is for the caller to see.
 */
export function editToml(text: string, { names, value }: ConfigEdit): string | undefined {
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const lines = text.split(/\r?\n/);
  const table = names.slice(0, -1);
  const shown = `${keyOf(names.at(-1) ?? "")} = ${shownValue(value)}`;
  let current: string[] | undefined = [];
  /** Where a new line of the wanted table goes. */
  let place: number | undefined = table.length === 0 ? 0 : undefined;
  for (const [i, line] of lines.entries()) {
    if (/^\s*\[/.test(line)) {
      const [, written] = header.exec(line) ?? [];
      current = written === undefined ? undefined : namesIn(written);
    }
    const [, start = "", key, old = ""] = current === undefined ? [] : (assignment.exec(line) ?? []);
    if (key !== undefined && isDeepStrictEqual([...(current ?? []), ...namesIn(key)], [...names])) {
      const end = lineValue.exec(old)?.[0].length;
      if (end === undefined) return undefined;
      return lines.with(i, start + shownValue(value) + old.slice(end)).join(eol);
    }
    const ofTable = current !== undefined && isDeepStrictEqual(current, table);
    if (ofTable && line.trim() !== "" && !line.trim().startsWith("#")) place = i + 1;
  }
  if (place !== undefined) return lines.toSpliced(place, 0, shown).join(eol);
  const whole = text === "" || text.endsWith("\n") ? text : text + eol;
  return `${whole}${eol}[${table.map(keyOf).join(".")}]${eol}${shown}${eol}`;
}

function namesIn(written: string): string[] {
  const names = written.match(new RegExp(name, "g")) ?? [];
  return names.map((each) => (/^["']/.test(each) ? each.slice(1, -1) : each));
}

function keyOf(key: string): string {
  return /^[A-Za-z0-9_-]+$/.test(key) ? key : JSON.stringify(key);
}

/** TOML's strings in double quotes are written as JSON's. */
function shownValue(value: ConfigValue): string {
  return typeof value === "object" ? `[${value.map(shownValue).join(", ")}]` : JSON.stringify(value);
}
