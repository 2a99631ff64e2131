import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, loadavg } from "node:os";
import { join } from "node:path";
import { asMarkdown } from "./options.ts";
import { resultsFolder } from "./places.ts";
import { markdownTable, plainTable, type Row } from "./table.ts";

/** One table of a bench, with all that one must know to judge it. */
export interface Section {
  readonly title: string;
  /** How it was measured, in a sentence or two. */
  readonly how: string;
  /** The configuration that each of those compared had. */
  readonly config: Readonly<Record<string, string>>;
  readonly rows: readonly Row[];
}

/** What a bench has measured, and where. */
export interface Result {
  readonly name: string;
  readonly at: string;
  readonly machine: string;
  readonly options: Readonly<Record<string, unknown>>;
  readonly sections: readonly Section[];
}

/** Prints the tables and writes `bench/results/NAME.json`. */
export function report(name: string, options: Result["options"], sections: readonly Section[]): void {
  const result: Result = { name, at: new Date().toISOString(), machine: machine(), options, sections };
  mkdirSync(resultsFolder, { recursive: true });
  writeFileSync(join(resultsFolder, `${name}.json`), `${JSON.stringify(result, null, 1)}\n`);
  console.log(asMarkdown ? markdown(result) : plain(result));
}

/** A result as Markdown, as it stands in docs/benchmarks.md. */
export function markdown({ machine, at, options, sections }: Result): string {
  const head = `${at.slice(0, 10)}, ${machine}; options \`${JSON.stringify(options)}\``;
  return [head, ...sections.map(sectionAsMarkdown)].join("\n\n");
}

function sectionAsMarkdown({ title, how, config, rows }: Section): string {
  const configs = Object.entries(config).map(([who, text]) => `- ${who}: \`${text.replaceAll("`", "'")}\``);
  return [`### ${title}`, how, markdownTable(rows), configs.join("\n")].filter(Boolean).join("\n\n");
}

function plain({ name, machine, options, sections }: Result): string {
  const head = `${name}: ${machine}\noptions ${JSON.stringify(options)}`;
  return [head, ...sections.map(sectionAsText)].join("\n\n");
}

function sectionAsText({ title, how, config, rows }: Section): string {
  const configs = Object.entries(config).map(([who, text]) => `  ${who}: ${text}`);
  return [`== ${title}`, how, ...configs, "", plainTable(rows)].join("\n");
}

/** Where it ran; the load tells whether others worked at the same time. */
function machine(): string {
  const [load = 0] = loadavg();
  const redis = firstLine("redis-server", ["--version"]).match(/v=([\d.]+)/)?.[1] ?? "unknown";
  const processor = cpus()[0]?.model.trim() ?? "unknown";
  return `Node ${process.version}, Redis ${redis}, ${cpus().length} CPUs (${processor}), load ${load.toFixed(1)}`;
}

function firstLine(program: string, args: readonly string[]): string {
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
}
