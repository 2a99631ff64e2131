import type { AnyKind } from "../model/kind.ts";
import { checkValue } from "./check-value.ts";
import type { Place } from "./place.ts";
import type { Problems } from "./problem.ts";
import { didYouMean } from "./suggest.ts";
import { commonNames } from "./target-fields.ts";

/** The fields of a target that are its kind's own, parsed; undefined with the problems said. */
export function readSpec(kind: AnyKind, place: Place, problems: Problems): unknown {
  const before = problems.count;
  const own = new Set<string>();
  for (const key of place.keys()) {
    if (Object.hasOwn(kind.schema.shape, key)) own.add(key);
    else if (!commonNames.includes(key)) reportUnknown(kind, place, { key, problems });
  }
  const spec = checkValue(kind.schema, { place, only: own }, problems);
  if (spec === undefined || problems.count > before) return undefined;
  for (const { path, message } of kind.problems?.(spec.value) ?? []) {
    const { place: at, found } = place.follow(path);
    problems.add(found ? at.at : at.keyAt, [...place.path, ...path], message);
  }
  return spec.value;
}

function reportUnknown(
  kind: AnyKind,
  place: Place,
  { key, problems }: { key: string; problems: Problems },
): void {
  const field = place.child(key);
  const known = [...Object.keys(kind.schema.shape), ...commonNames];
  const message = `unknown key of the kind ${kind.kind}${didYouMean(key, known)}`;
  problems.add(field?.keyAt ?? place.keyAt, [...place.path, key], message);
}

/** The fields of a kind that are right by themselves, where others are wrong: enough to tell which targets they name. */
export function readableFields(kind: AnyKind, place: Place): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(kind.schema.shape)) {
    const field = place.child(name);
    const result = field && schema.safeParse(field.value);
    if (result?.success === true) fields[name] = result.data;
  }
  return fields;
}
