import * as z from "zod";
import type { Path } from "./problem.ts";

/** The parts of a JSON Schema that say which keys a map may have. */
interface Shape {
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly additionalProperties?: Shape | boolean;
  readonly items?: Shape | boolean;
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly allOf?: readonly Shape[];
}

const shapes = new WeakMap<z.ZodType, Shape>();

/** The keys that a schema knows at a path inside it; only to suggest one of them, so an unknown path gives none. */
export function knownKeys(schema: z.ZodType, path: Path): string[] {
  let here = [shapeOf(schema)];
  for (const segment of path) here = here.flatMap(branches).flatMap((shape) => step(shape, segment));
  return here.flatMap(branches).flatMap((shape) => Object.keys(shape.properties ?? {}));
}

/** A schema's JSON Schema, made once. */
function shapeOf(schema: z.ZodType): Shape {
  const known = shapes.get(schema);
  if (known !== undefined) return known;
  // JSON Schema's own type allows more than is read here; what is read has this form by its specification.
  const shape = z.toJSONSchema(schema, { io: "input", unrepresentable: "any", reused: "inline" }) as Shape;
  shapes.set(schema, shape);
  return shape;
}

function branches(shape: Shape): Shape[] {
  const inner = [...(shape.anyOf ?? []), ...(shape.oneOf ?? []), ...(shape.allOf ?? [])];
  return [shape, ...inner.flatMap(branches)];
}

function step(shape: Shape, segment: PropertyKey): Shape[] {
  const next =
    typeof segment === "number"
      ? shape.items
      : (shape.properties?.[String(segment)] ?? shape.additionalProperties);
  return typeof next === "object" ? [next] : [];
}
