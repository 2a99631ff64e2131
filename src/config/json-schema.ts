import * as z from "zod";
import { id } from "../lib/fields.ts";
import { useFields } from "./alerts.ts";
import type { Registries } from "./registry.ts";
import { triesField } from "./rungs.ts";
import { sections } from "./sections.ts";
import { overridable, targetOnly } from "./target-fields.ts";

/** A JSON Schema, or a part of one. */
export type JsonSchema = { [key: string]: unknown };

/** The JSON Schema (draft 7, which editors know best) of the file, from the very schemas that check it. */
export function jsonSchema(registries: Registries): JsonSchema {
  const file = z.strictObject({
    ...optional(sections),
    defaults: z.strictObject(optional(overridable)).describe("What every target may override").optional(),
    alerts: z
      .record(id(), alertUse(registries))
      .describe("Where alerts go; without it, to the log")
      .optional(),
    targets: z.record(id(), target(registries)).describe("What is watched").optional(),
  });
  const made = z.toJSONSchema(file, {
    io: "input",
    target: "draft-7",
    unrepresentable: "any",
    reused: "inline",
  });
  // What zod made is plain JSON; its own type only lists the keywords.
  const schema = withVariables(made as JsonSchema);
  const variable = { type: "string", pattern: "\\$\\{[A-Za-z_][A-Za-z0-9_]*(:-[^}]*)?\\}" };
  return { ...schema, title: "healq.yaml", definitions: { variable } };
}

function target(registries: Registries): z.ZodType {
  const heal = ladders(registries);
  const kinds = registries.kinds.map((kind) =>
    z
      .strictObject({
        kind: z.literal(kind.kind),
        ...optional(targetOnly),
        heal: heal.optional(),
        ...optional(overridable),
        ...kind.schema.shape,
      })
      .describe(kind.summary),
  );
  return z.union(kinds);
}

function ladders({ remedies }: Registries): z.ZodType {
  const named = remedies.map(({ remedy, schema, summary }) =>
    z.strictObject({ [remedy]: schema.describe(summary), tries: triesField.optional() }),
  );
  const ladder = z.array(z.union([z.enum(remedies.map(({ remedy }) => remedy)), ...named]));
  return z
    .union([ladder, z.record(z.string(), ladder)])
    .describe(
      "Remedies in order, or a map from symptom, or `any`, to such a list; [] only alerts (default: the kind's own ladder)",
    );
}

function alertUse({ channels }: Registries): z.ZodType {
  const uses = channels.map(({ channel, schema, summary }) => {
    const use = { channel: z.literal(channel), ...optional(useFields) };
    // A channel whose parameters are no plain map only has to have the common fields.
    const whole =
      schema instanceof z.ZodObject ? z.strictObject({ ...use, ...schema.shape }) : z.looseObject(use);
    return whole.describe(summary);
  });
  return z.union(uses);
}

/** All fields of a set, each of which may be left out. */
function optional(fields: Readonly<Record<string, z.ZodType>>): Record<string, z.ZodType> {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.optional()]));
}

/** Lets `${VAR}` stand wherever text of a certain form, a number, a choice or a truth value is wanted. */
function withVariables(schema: JsonSchema): JsonSchema {
  const inner: JsonSchema = {};
  for (const [key, value] of Object.entries(schema))
    inner[key] = key === "propertyNames" ? value : walk(value, key);
  const { type, pattern, format, minLength } = inner;
  const limited = pattern !== undefined || format !== undefined || minLength !== undefined || "enum" in inner;
  const scalar =
    type === "number" || type === "integer" || type === "boolean" || (type === "string" && limited);
  if (!scalar || "const" in inner) return inner;
  const { description, default: fallback, ...exact } = inner;
  return {
    ...(description === undefined ? {} : { description }),
    ...(fallback === undefined ? {} : { default: fallback }),
    anyOf: [exact, { $ref: "#/definitions/variable" }],
  };
}

function walk(value: unknown, under: string): unknown {
  if (Array.isArray(value)) return value.map((item) => walk(item, under));
  const plain =
    ["default", "enum", "const", "required"].includes(under) || typeof value !== "object" || value === null;
  if (plain) return value;
  // JSON Schema holds only plain maps here.
  const map = value as JsonSchema;
  if (under !== "properties") return withVariables(map);
  return Object.fromEntries(Object.entries(map).map(([name, inner]) => [name, walk(inner, "")]));
}
