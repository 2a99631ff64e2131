import * as z from "zod";

/** The name under which a target's memory keeps its last cure. */
export const curedNote = "cured";

const schema = z.object({ at: z.number(), symptom: z.string().optional() });

/** The last remedy that was applied to a target, with all it asked of others, whether it helped or not. */
export interface Cured {
  /** When it was done, in milliseconds since the epoch. */
  readonly at: number;
  /** What it was for; absent when no fault was seen. */
  readonly symptom?: string | undefined;
}

/** The last cure that a memory knows of. */
export function lastCure(memory: { recall(name: string): unknown }): Cured | undefined {
  return schema.safeParse(memory.recall(curedNote)).data;
}
