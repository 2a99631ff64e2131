import type { AnyKind } from "../model/kind.ts";
import type { Target } from "../model/target.ts";
import { checkFields } from "./check-fields.ts";
import type { Link, Linked } from "./check-links.ts";
import { defaultLadders, type ReadLadders, readLadders } from "./ladders.ts";
import type { Place } from "./place.ts";
import type { Problems } from "./problem.ts";
import { readableFields, readSpec } from "./read-spec.ts";
import type { Named } from "./registry.ts";
import { checkSettings, override, type Settings } from "./settings.ts";
import { oneOf } from "./suggest.ts";
import { type OwnFields, overridable, targetOnly } from "./target-fields.ts";
import { unknownName } from "./unknown-name.ts";

/** What all targets of a file have in common. */
export interface Surrounding {
  readonly named: Named;
  readonly defaults: Settings;
  readonly node: string;
  readonly timezone: string;
  readonly base: string;
  readonly problems: Problems;
}

/** A target as it was read: `target` is absent when something is wrong with it. */
export interface ReadTarget extends Linked {
  readonly target?: Target;
}

/** Reads one target with all that is wrong with it; an unknown kind does not hide what is wrong with the rest. */
export function readTarget(place: Place, around: Surrounding): ReadTarget {
  const { problems } = around;
  const id = String(place.path.at(-1));
  if (!place.isMap) {
    if (!problems.knows(place.path)) problems.add(place.at, place.path, "must be a map: { kind: … }");
    return { id, needs: [], references: [] };
  }
  const own = checkFields(targetOnly, place, problems);
  const settings = override(around.defaults, checkFields(overridable, place, problems));
  checkSettings(settings, place, problems);
  const needs = linksAt(place.child("needs"), own.needs ?? []);
  const kind = kindAt(place, around);
  if (kind === undefined) return { id, needs, references: [] };
  checkNodes(place, { kind, own }, problems);
  const spec = readSpec(kind, place, problems);
  const healed = laddersOf(place, { kind, spec, attempts: settings.attempts }, around);
  const references = [...specLinks(kind, spec ?? readableFields(kind, place), place), ...healed.references];
  if (spec === undefined) return { id, needs, references };
  const target: Target = {
    id,
    kind: kind.kind,
    spec,
    nodes: nodesOf(own, around.node),
    schedule:
      "cron" in settings.when
        ? { cron: settings.when.cron, timezone: around.timezone }
        : { every: settings.when.every / 1_000 },
    timeout: settings.timeout,
    policy: settings.policy,
    needs: [...new Set(own.needs)],
    ladders: healed.ladders,
    critical: own.critical ?? false,
    base: around.base,
  };
  return { id, needs, references, target };
}

/** The target's kind, or undefined with the problem said. */
function kindAt(place: Place, { named, problems }: Surrounding): AnyKind | undefined {
  const field = place.child("kind");
  const name = field?.value;
  const kind = typeof name === "string" ? named.kinds.get(name) : undefined;
  const path = [...place.path, "kind"];
  if (kind !== undefined || problems.knows(path)) return kind;
  const names = [...named.kinds.keys()];
  if (field === undefined) problems.add(place.keyAt, path, `is missing; known: ${oneOf(names)}`);
  else if (typeof name !== "string") problems.add(field.at, path, `must be ${oneOf(names)}`);
  else problems.add(field.at, path, unknownName("kind", name, { names }));
  return undefined;
}

/** `any` is for what can be looked at from anywhere. */
function checkNodes(
  place: Place,
  { kind, own }: { kind: AnyKind; own: OwnFields },
  problems: Problems,
): void {
  const on = place.child("on");
  if (own.on !== "any" || kind.network || on === undefined) return;
  problems.add(
    on.at,
    on.path,
    `\`any\` is for kinds that look over the network; name the nodes of a ${kind.kind}`,
  );
}

function nodesOf(own: OwnFields, node: string): Target["nodes"] {
  if (own.on === undefined) return [node];
  if (own.on === "any") return "any";
  return typeof own.on === "string" ? [own.on] : [...new Set(own.on)];
}

function laddersOf(
  place: Place,
  owner: { kind: AnyKind; spec: unknown; attempts: number },
  { named, problems }: Surrounding,
): ReadLadders {
  const heal = place.child("heal");
  if (heal !== undefined) return readLadders(heal, owner, { remedies: named.remedies, problems });
  if (owner.spec === undefined) return { ladders: { any: [], bySymptom: {} }, references: [] };
  return defaultLadders(place, owner, { remedies: named.remedies, problems });
}

/** Where a list names targets. */
function linksAt(list: Place | undefined, names: readonly string[]): Link[] {
  return names.flatMap((name, index) => {
    const place = list?.child(index);
    return place === undefined ? [] : [{ name, place }];
  });
}

/** Where a kind's own fields name targets: the field with that very text, else the target as a whole. */
function specLinks(kind: AnyKind, spec: unknown, place: Place): Link[] {
  return kind.references(spec).map((name) => {
    const field = place
      .children()
      .find((child) => child.value === name && kind.schema.shape[String(child.path.at(-1))] !== undefined);
    return { name, place: field ?? place };
  });
}
