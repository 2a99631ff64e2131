import { plain } from "../lib/plain.ts";
import type { FieldValue } from "../model/ports.ts";
import { matches } from "./bounded-regex.ts";
import { type DefaultValue, type FieldRule, namesOf } from "./config-field.ts";

/** What is wrong with one field. */
export interface FieldFault {
  readonly symptom: "config.field" | "config.range";
  /** As the end of a sentence that names the field: `is missing`. */
  readonly said: string;
}

/** What old YAML, which many programs read, takes for a boolean. Source: yaml.org/type/bool.html. */
const oldBoolean = /^(?:y|yes|n|no|on|off)$/i;

/**
 * What is wrong with a value; undefined when it is as wanted, "unknown" when its pattern takes too long or it is too long for one.
 * Strings are not shown unless `oneOf` says what they may be: they may be secrets.
 */
export function faultOf(rule: FieldRule, found: FieldValue): FieldFault | "unknown" | undefined {
  if (found.type === "missing" || found.type === "empty") {
    if (rule.optional) return undefined;
    return { symptom: "config.field", said: found.type === "missing" ? "is missing" : "is empty" };
  }
  if (!isOfType(rule, found))
    return { symptom: "config.field", said: `is ${describe(found)}, not ${article(rule.type ?? "")}` };
  return rangeFault(rule, found);
}

function isOfType({ type }: FieldRule, found: FieldValue): boolean {
  if (type === undefined || type === found.type) return true;
  if (type === "number") return found.type === "integer";
  return type === "boolean" && found.type === "string" && oldBoolean.test(String(found.value));
}

function rangeFault(rule: FieldRule, { value }: FieldValue): FieldFault | "unknown" | undefined {
  const { min, max, oneOf, pattern } = rule;
  const fault = (said: string): FieldFault => ({ symptom: "config.range", said });
  if (oneOf !== undefined && (value === undefined || !oneOf.includes(value)))
    return fault(`is ${value === undefined ? "none" : plain(String(value))}, not one of ${oneOf.join(", ")}`);
  if (min !== undefined && !(typeof value === "number" && value >= min))
    return fault(`is ${shown(value)} (at least ${min})`);
  if (max !== undefined && !(typeof value === "number" && value <= max))
    return fault(`is ${shown(value)} (at most ${max})`);
  if (pattern === undefined) return undefined;
  if (typeof value !== "string") return value === undefined ? "unknown" : fault("is no string to match");
  const held = matches(new RegExp(pattern), value);
  return held === undefined ? "unknown" : held ? undefined : fault(`does not match ${plain(pattern)}`);
}

function shown(value: FieldValue["value"]): string {
  return typeof value === "number" ? String(value) : "no number";
}

function describe({ type, value }: FieldValue): string {
  if (type === "number" || type === "integer") return `the number ${String(value)}`;
  return type === "boolean" ? String(value) : type === "other" ? "no finite number" : article(type);
}

function article(type: string): string {
  return `${type === "integer" ? "an" : "a"} ${type}`;
}

/** What is wrong with the rules themselves, and where in the target. */
export function ruleProblems(
  fields: Readonly<Record<string, FieldRule>>,
): { readonly path: readonly string[]; readonly message: string }[] {
  return Object.entries(fields).flatMap(([field, rule]) => {
    const problem = (key: string, message: string) => [{ path: ["fields", field, key], message }];
    if (namesOf(field).some((name) => name === "" || name === "__proto__"))
      return [{ path: ["fields", field], message: "is no path of names; write server.port" }];
    if (rule.min !== undefined && rule.max !== undefined && rule.min > rule.max)
      return problem("min", `is greater than max (${rule.max})`);
    if (rule.default === undefined) return [];
    if (rule.type === "map")
      return problem("default", "cannot be given for a map; give those of the fields in it");
    const fault = faultOf(rule, asFound(rule.default));
    return fault === undefined || fault === "unknown"
      ? []
      : problem("default", `is wrong by the field's own rules: it ${fault.said}`);
  });
}

function asFound(value: DefaultValue): FieldValue {
  if (Array.isArray(value)) return { type: "list" };
  if (typeof value === "string") return { type: "string", value };
  if (typeof value === "boolean") return { type: "boolean", value };
  return { type: Number.isInteger(value) ? "integer" : "number", value: Number(value) };
}
