import type * as z from "zod";
import { type Exact, exact } from "./exact.ts";

/** Reads a JSON text that must pass the schema; undefined for garbage, and where there is no text. */
export function parseJson<T>(schema: z.ZodType<T>, text: string | null | undefined): Exact<T> | undefined {
  if (!text) return undefined;
  try {
    const parsed = schema.safeParse(JSON.parse(text));
    return parsed.success ? exact(parsed.data) : undefined;
  } catch {
    return undefined;
  }
}
