import { extname, resolve } from "node:path";
import * as z from "zod";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { ConfigFormat, FieldValue, FieldValues, FileError, FileFacts } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { isFileError } from "../system/remote-stat.ts";
import { type FieldRule, fieldRules, namesOf } from "./config-field.ts";
import { type FieldFault, faultOf, ruleProblems } from "./config-judge.ts";
import { couldNotTell, lookOf } from "./looks.ts";

const schema = z.strictObject({
  path: z.string().min(1).describe("The file; relative to the config file of healq. Links are followed."),
  format: z
    .enum(["json", "yaml", "toml"])
    .optional()
    .describe("How it is written. Default: by its ending, .json, .yaml, .yml or .toml."),
  fields: fieldRules().describe(
    "The fields that must be there, by path: { server.port: { type: integer, min: 1, default: 8080 } }. A list's items have the names 0, 1 …; a dot inside of a name is written `\\.`.",
  ),
});

/** The fields of a `config` target, as parsed. */
export type ConfigSpec = z.output<typeof schema>;

/** A file of settings whose fields must be there, of the wanted type, and within their range. */
export const config = defineKind<ConfigSpec>({
  kind: "config",
  summary: "a JSON, YAML or TOML file: fields that must be there, their types and ranges",
  schema,
  symptoms: {
    "config.missing": "there is no such file",
    "config.syntax": "it does not parse, is empty, or is no map of fields",
    "config.field": "a field is missing, empty, or of another type",
    "config.range": "a value is out of its range, not one of those allowed, or does not match",
  },
  network: false,
  references: () => [],
  defaultLadder: ({ fields }) => {
    const rules = Object.values(fields);
    const patch = (can: boolean) => (can ? ["patch"] : []);
    const some = patch(rules.some((rule) => rule.default !== undefined));
    const all = patch(rules.every((rule) => rule.optional || rule.default !== undefined));
    return { "config.missing": all, "config.syntax": [], "config.field": some, "config.range": some };
  },
  problems: ({ path, format, fields }) => [
    ...((format ?? formatOf(path))
      ? []
      : [
          { path: ["format"], message: "must be said: the file's ending is not .json, .yaml, .yml or .toml" },
        ]),
    ...ruleProblems(fields),
  ],
  observe,
});

const formats: Readonly<Record<string, ConfigFormat>> = {
  ".json": "json",
  ".yaml": "yaml",
  ".yml": "yaml",
  ".toml": "toml",
};

function formatOf(path: string): ConfigFormat | undefined {
  return formats[extname(path).toLowerCase()];
}

/** How the file of a target is written; a target without a format does not load. */
export function configFormat({ path, format }: Pick<ConfigSpec, "path" | "format">): ConfigFormat {
  return format ?? formatOf(path) ?? "yaml";
}

async function observe(target: Target<ConfigSpec>, context: CheckContext): Promise<Look> {
  const { spec } = target;
  const path = resolve(target.base, spec.path);
  const facts = await context.files.stat(path, context);
  if (isFileError(facts)) return unreadable(spec, facts, path);
  return judged(spec, await readFields({ spec, path, facts }, context));
}

/** A file with the same inode, size and mtime as at the last look is not read again. */
async function readFields(
  { spec, path, facts }: { spec: ConfigSpec; path: string; facts: FileFacts },
  context: CheckContext,
): Promise<FieldValues | FileError> {
  const version = [facts.inode, facts.size, facts.mtimeMs].join(" ");
  // Only this function writes the entry.
  const last = context.memory.get("fields") as { version: string; answer: FieldValues } | undefined;
  if (last?.version === version) return last.answer;
  const fields = Object.keys(spec.fields).map(namesOf);
  const answer = await context.files.values(path, { format: configFormat(spec), fields }, context.signal);
  // A write of the same size within the file system's clock tick would go unseen, so a very fresh file is read again.
  if (!isFileError(answer) && context.now() - facts.mtimeMs > 1_000)
    context.memory.set("fields", { version, answer });
  return answer;
}

function unreadable(spec: ConfigSpec, { error, message }: FileError, path: string): Look {
  if (error === "ENOENT" || error === "ENOTDIR") {
    const missing = finding("config.missing", `${spec.path} is missing`, { path });
    return lookOf({ findings: [{ ...missing, fact: true }], metrics: {}, fine: "" });
  }
  return couldNotTell(`${spec.path} cannot be read: ${message}`);
}

function judged(spec: ConfigSpec, answer: FieldValues | FileError): Look {
  if (isFileError(answer)) {
    if (answer.error === "ENOENT") return couldNotTell(`${spec.path} vanished while it was looked at`);
    return couldNotTell(`${spec.path} cannot be read: ${answer.message}`);
  }
  if ("problem" in answer) {
    const syntax = finding("config.syntax", `${spec.path} ${answer.problem}`, {});
    return lookOf({ findings: [syntax], metrics: {}, fine: "" });
  }
  const { faults, unknown } = faultsOf(spec, answer.values);
  const count = Object.keys(spec.fields).length;
  if (faults.length === 0 && unknown !== undefined)
    return couldNotTell(`${spec.path}: ${unknown} cannot be matched: it is too long, or takes too long`);
  const findings = faults.map(({ field, symptom, said }) =>
    finding(symptom, `${spec.path}: ${field} ${said}`, { field }),
  );
  const metrics = { fields: count, wrong: faults.length };
  return lookOf({ findings, metrics, fine: `${count} ${count === 1 ? "field" : "fields"} as wanted` });
}

/** The fields that are wrong, and the first one of which it cannot be told. */
export function faultsOf(
  spec: ConfigSpec,
  values: readonly FieldValue[],
): { readonly faults: readonly WrongField[]; readonly unknown?: string } {
  const faults: WrongField[] = [];
  let unknown: string | undefined;
  for (const [i, [field, rule]] of Object.entries(spec.fields).entries()) {
    const fault = faultOf(rule, values[i] ?? { type: "missing" });
    if (fault === "unknown") unknown ??= field;
    else if (fault !== undefined) faults.push({ field, rule, ...fault });
  }
  return unknown === undefined ? { faults } : { faults, unknown };
}

/** A field, what it should be, and what is wrong with it. */
export interface WrongField extends FieldFault {
  readonly field: string;
  readonly rule: FieldRule;
}

/** Inferred, though it was read: an editor that saves in two steps shows half a file for a moment. */
function finding(symptom: string, message: string, evidence: Finding["evidence"]): Finding {
  return { symptom, severity: "critical", fact: false, message, evidence };
}
