import * as z from "zod";
import { regexField } from "./bounded-regex.ts";

const scalar = () => z.union([z.string(), z.number(), z.boolean()]);

const rule = z.strictObject({
  type: z
    .enum(["string", "integer", "number", "boolean", "list", "map"])
    .optional()
    .describe("What the value must be. Default: anything."),
  min: z.number().optional().describe("The least number that is allowed."),
  max: z.number().optional().describe("The greatest number that is allowed."),
  oneOf: z.array(scalar()).min(1).optional().describe("The values that are allowed."),
  pattern: regexField()
    .optional()
    .describe("A regular expression, without slashes, that a string must match; ^ and $ for all of it."),
  default: z
    .union([scalar(), z.array(scalar())])
    .optional()
    .describe(
      "What `patch` writes when the field is missing or wrong. Default: nothing, a person is called.",
    ),
  optional: z
    .boolean()
    .default(false)
    .describe("The field may be missing; what is there must be right. Default: false."),
});

/** What one field of a config file must be like. */
export type FieldRule = z.output<typeof rule>;

/** What `patch` may write. */
export type DefaultValue = NonNullable<FieldRule["default"]>;

/** The fields that are wanted, by path. */
export function fieldRules() {
  return z.record(z.string().min(1), rule).refine((fields) => Object.keys(fields).length > 0, {
    error: "needs at least one field: server.port: { type: integer }",
  });
}

/** The names and list positions of a path such as `server.port`; a dot inside of a name is written `\.`. */
export function namesOf(path: string): string[] {
  return path.split(/(?<!\\)\./).map((name) => name.replaceAll("\\.", "."));
}
