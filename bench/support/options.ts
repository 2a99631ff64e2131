import { parseArgs } from "node:util";

type Default = number | readonly number[] | readonly string[];
type Given<T> = {
  readonly [K in keyof T]: T[K] extends number
    ? number
    : T[K] extends readonly number[]
      ? readonly number[]
      : readonly string[];
};

/**
 * The options of a bench from its command line: `--trials 5`, `--targets 10,100`. What is not given has its default, and an
 * option that the bench does not have ends it with code 2.
 */
export function readOptions<const T extends Readonly<Record<string, Default>>>(defaults: T): Given<T> {
  try {
    const { values } = parseArgs({
      options: {
        markdown: { type: "boolean" },
        ...Object.fromEntries(Object.keys(defaults).map((name) => [name, { type: "string" as const }])),
      },
    });
    const flags: Readonly<Record<string, string | boolean | undefined>> = values;
    const read = Object.entries(defaults).map(([name, usual]) => [name, given(name, flags[name], usual)]);
    // `given` gives each name the kind of value that its default has.
    return Object.fromEntries(read) as Given<T>;
  } catch (error) {
    const names = Object.keys(defaults).map((name) => `--${name}`);
    console.error(
      `${error instanceof Error ? error.message : error}\nOptions: ${names.join(" ")} --markdown`,
    );
    process.exit(2);
  }
}

/** The tables are printed as Markdown. */
export const asMarkdown = process.argv.includes("--markdown");

function given(name: string, text: string | boolean | undefined, usual: Default): Default {
  if (typeof text !== "string") return usual;
  if (typeof usual === "number") return numberOf(name, text);
  const parts = text.split(",").filter((part) => part !== "");
  return typeof usual[0] === "number" ? parts.map((part) => numberOf(name, part)) : parts;
}

function numberOf(name: string, text: string): number {
  const number = Number(text);
  if (text === "" || !Number.isFinite(number) || number < 0) {
    throw new Error(`--${name} takes numbers from 0, not ${JSON.stringify(text)}`);
  }
  return number;
}
