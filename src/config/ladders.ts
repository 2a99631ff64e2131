import { type AnyKind, type DefaultLadder, symptomsWith } from "../model/kind.ts";
import type { Ladders, Rung } from "../model/target.ts";
import { Place, type Tree } from "./place.ts";
import type { Problems } from "./problem.ts";
import type { Named } from "./registry.ts";
import { type ReadRung, readRung } from "./rungs.ts";
import { didYouMean, oneOf } from "./suggest.ts";

/** The target whose ladders are read; `spec` is absent when its fields are wrong, and then nothing is fitted to it. */
interface LadderOwner {
  readonly kind: AnyKind;
  readonly spec: unknown;
  readonly attempts: number;
}

/** Ladders, and where they name other targets. */
export interface ReadLadders {
  readonly ladders: Ladders;
  readonly references: readonly { readonly name: string; readonly place: Place }[];
}

interface Reading {
  readonly owner: LadderOwner;
  readonly remedies: Named["remedies"];
  readonly problems: Problems;
  /** The default ladder: a rung that does not fit is left out, for nobody asked for it. */
  readonly byDefault: boolean;
  readonly references: { name: string; place: Place }[];
}

/** In a map of ladders: the one for all that the map does not name, faults of targets that this one is healed for among them. */
const anyKey = "any";

/** Reads `heal`: a list of rungs, or a map from symptom, or `any`, to list; `[]` is alert only. What a map leaves out is not healed. */
export function readLadders(
  heal: Place,
  owner: LadderOwner,
  from: Pick<Reading, "remedies" | "problems">,
): ReadLadders {
  const reading: Reading = { owner, ...from, byDefault: false, references: [] };
  return { ladders: laddersAt(heal, reading), references: reading.references };
}

/** The kind's own ladder for a target that has no `heal`; problems point at the target. */
export function defaultLadders(
  target: Place,
  owner: LadderOwner,
  from: Pick<Reading, "remedies" | "problems">,
): ReadLadders {
  const reading: Reading = { owner, ...from, byDefault: true, references: [] };
  const ladder: DefaultLadder = owner.kind.defaultLadder(owner.spec);
  const heal = new Place([...target.path, "heal"], {
    keyAt: target.keyAt,
    tree: treeOf(ladder, target.keyAt),
  });
  return { ladders: laddersAt(heal, reading), references: reading.references };
}

function laddersAt(heal: Place, reading: Reading): Ladders {
  if (heal.isList) return { any: ladderAt(heal, reading), bySymptom: {} };
  if (!heal.isMap) {
    const said =
      "must be a list of remedies, or a map from symptom to such a list; [] heals nothing and only alerts";
    if (!reading.problems.knows(heal.path)) reading.problems.add(heal.at, heal.path, said);
    return { any: [], bySymptom: {} };
  }
  const bySymptom: Record<string, readonly Rung[]> = {};
  let any: readonly Rung[] = [];
  for (const entry of heal.children()) {
    const name = String(entry.path.at(-1));
    if (name === anyKey) {
      any = ladderAt(entry, reading);
      continue;
    }
    checkSymptom(entry, reading);
    bySymptom[name] = ladderAt(entry, reading);
  }
  return { any, bySymptom };
}

function checkSymptom(entry: Place, { owner, problems }: Reading): void {
  const name = String(entry.path.at(-1));
  // Which symptoms its own fields add is not known when they are wrong.
  if (owner.spec === undefined && owner.kind.ownSymptoms !== undefined) return;
  const symptoms = Object.keys(symptomsWith(owner.kind, owner.spec));
  if (symptoms.includes(name)) return;
  const full = symptoms.find((symptom) => symptom.endsWith(`.${name}`));
  const hint = full === undefined ? didYouMean(name, symptoms) : `; did you mean "${full}"?`;
  const said = `the kind ${owner.kind.kind} has no symptom "${name}"${hint === "" ? `; it has ${oneOf(symptoms)}` : hint}`;
  problems.add(entry.keyAt, entry.path, said);
}

/** A rung before the last is tried once, the last one `attempts` times, unless it says `tries`. */
function ladderAt(place: Place, reading: Reading): Rung[] {
  if (!place.isList) {
    reading.problems.add(place.at, place.path, "must be a list of remedies");
    return [];
  }
  const rungs = place
    .children()
    .map((child) => readRung(child, reading.remedies, reading.problems))
    .filter((rung) => rung !== undefined)
    .filter((rung) => fits(rung, reading));
  return rungs.map((rung, index) => {
    // A remedy that changes nothing (`alert`) gains nothing by being repeated.
    const attempts = index === rungs.length - 1 && rung.remedy.cures ? reading.owner.attempts : 1;
    return { remedy: rung.remedy.remedy, params: rung.params, tries: rung.tries ?? attempts };
  });
}

/** Whether a remedy can be used on the target; says why not. */
function fits(rung: ReadRung, reading: Reading): boolean {
  const misfit = misfitOf(rung, reading.owner);
  if (misfit !== undefined) {
    if (!reading.byDefault) reading.problems.add(rung.place.at, rung.place.path, misfit);
    return false;
  }
  for (const name of rung.remedy.references?.(rung.params) ?? []) {
    reading.references.push({ name, place: rung.place });
  }
  return true;
}

function misfitOf({ remedy, params }: ReadRung, { kind, spec }: LadderOwner): string | undefined {
  const { kinds } = remedy;
  if (kinds !== "all" && !kinds.includes(kind.kind)) {
    return `the remedy "${remedy.remedy}" does not fit the kind ${kind.kind}, only ${oneOf(kinds)}`;
  }
  return spec === undefined ? undefined : remedy.misfit?.({ kind: kind.kind, spec }, params);
}

/** A value that does not come from the file, as if all of it stood at one offset. */
function treeOf(value: unknown, at: number): Tree {
  if (typeof value !== "object" || value === null) return { value, at };
  const children = new Map(
    Object.entries(value).map(([key, inner]) => [key, { keyAt: at, tree: treeOf(inner, at) }]),
  );
  return { value, at, children };
}
