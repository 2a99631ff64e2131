import type { Finding } from "./finding.ts";
import type { Target } from "./target.ts";

// A process with `instances` has copies, numbered from 1. Each has a name of its own, under which its files lie and its exit
// is told: that of the first is the target's id, so that a target keeps its process when `instances` is added to it or
// taken away; the others are `ID@2`, `ID@3` … No id has an `@` in it.

/** What each copy is told of itself, as a variable of its environment: its number, from 1. */
export const numberVariable = "INSTANCE";

/** The name of a target's n-th copy (from 1). */
export function copyName(id: string, copy: number): string {
  return copy === 1 ? id : `${id}@${copy}`;
}

/** The names of a target's first `count` copies. */
export function copyNames(id: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => copyName(id, i + 1));
}

/** Whose copy a name is, and which: of `worker@2` it is 2, of `worker` 1. */
export function whoseCopy(name: string): { readonly id: string; readonly copy: number } {
  const at = name.lastIndexOf("@");
  return at < 0 ? { id: name, copy: 1 } : { id: name.slice(0, at), copy: Number(name.slice(at + 1)) };
}

/** The same target for one copy alone: what is done to `ID@1` is done to the first copy, what is done to `ID` to all. */
export function oneCopy<Spec>(target: Target<Spec>, copy: number): Target<Spec> {
  return { ...target, id: `${whoseCopy(target.id).id}@${copy}` };
}

/** How many copies a process target has, by its fields: one that does not say, or is of another kind, has one. */
export function instancesOf(spec: unknown): number {
  const given = typeof spec === "object" && spec !== null && "instances" in spec ? spec.instances : undefined;
  return typeof given === "number" ? given : 1;
}

/** The copies that a finding is about, by their numbers; undefined when it is about all. */
export function copiesIn(finding: Pick<Finding, "evidence"> | undefined): readonly number[] | undefined {
  const copies = finding?.evidence.copies;
  return Array.isArray(copies) && copies.every((copy) => Number.isInteger(copy)) ? copies : undefined;
}
