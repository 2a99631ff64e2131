import type * as z from "zod";
import { checkValue } from "./check-value.ts";
import type { Place } from "./place.ts";
import type { Problems } from "./problem.ts";

/** What `checkFields` gives for a set of fields. */
type Parsed<Shape extends Readonly<Record<string, z.ZodType>>> = { [K in keyof Shape]?: z.output<Shape[K]> };

/** Parses the given fields of a map one by one, so that a wrong one does not hide what is wrong with the others. */
export function checkFields<Shape extends Readonly<Record<string, z.ZodType>>>(
  shape: Shape,
  place: Place,
  problems: Problems,
): Parsed<Shape> {
  const parsed: Record<string, unknown> = {};
  for (const [key, schema] of Object.entries(shape)) {
    const field = place.child(key);
    if (field === undefined) continue;
    const result = checkValue(schema, { place: field }, problems);
    if (result !== undefined) parsed[key] = result.value;
  }
  // Each value came from the schema under its own key, which is what the type says.
  return parsed as Parsed<Shape>;
}
