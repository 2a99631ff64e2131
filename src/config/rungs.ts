import * as z from "zod";
import type { AnyRemedy } from "../model/remedy.ts";
import { checkValue } from "./check-value.ts";
import type { Place } from "./place.ts";
import type { Problems } from "./problem.ts";
import type { Named } from "./registry.ts";
import { unknownName } from "./unknown-name.ts";

/** A rung as it was read, before it is known whether it is the last one. */
export interface ReadRung {
  readonly place: Place;
  readonly remedy: AnyRemedy;
  readonly params: unknown;
  readonly tries?: number;
}

/** How often one rung is tried. */
export const triesField = z
  .int()
  .min(1)
  .max(100)
  .describe("Applications of this rung before the next one (default 1)");

/** Reads `restart`, `{ exec: [./fix.sh] }` or `{ signal: SIGHUP, tries: 2 }`; undefined with the problem said. */
export function readRung(
  place: Place,
  remedies: Named["remedies"],
  problems: Problems,
): ReadRung | undefined {
  if (typeof place.value === "string") {
    const remedy = remedyNamed(place.value, { remedies, place, at: place.at }, problems);
    return remedy && withParams(remedy, { rung: place, params: undefined }, problems);
  }
  const names = place.keys().filter((key) => key !== "tries");
  const field = names.length === 1 ? place.child(names[0] ?? "") : undefined;
  if (field === undefined) {
    const said = "a rung is the name of a remedy, or one remedy with its parameters: { exec: [./fix.sh] }";
    if (!problems.knows(place.path)) problems.add(place.at, place.path, said);
    return undefined;
  }
  const tries = place.child("tries");
  const count = tries && checkValue(triesField, { place: tries }, problems);
  const remedy = remedyNamed(
    String(field.path.at(-1)),
    { remedies, place: field, at: field.keyAt },
    problems,
  );
  const rung = remedy && withParams(remedy, { rung: place, params: field }, problems);
  return rung && (count === undefined ? rung : { ...rung, tries: count.value });
}

function remedyNamed(
  name: string,
  from: { remedies: Named["remedies"]; place: Place; at: number },
  problems: Problems,
): AnyRemedy | undefined {
  const remedy = from.remedies.get(name);
  if (remedy !== undefined) return remedy;
  problems.add(from.at, from.place.path, unknownName("remedy", name, { names: from.remedies.keys() }));
  return undefined;
}

/** A bare name, or one with nothing after it, means `{}`, or null where the remedy takes no map. */
function withParams(
  remedy: AnyRemedy,
  at: { rung: Place; params: Place | undefined },
  problems: Problems,
): ReadRung | undefined {
  const { rung, params } = at;
  if (params !== undefined && params.value !== null) {
    const parsed = checkValue(remedy.schema, { place: params }, problems);
    return parsed && { place: rung, remedy, params: parsed.value };
  }
  for (const bare of [{}, null]) {
    const result = remedy.schema.safeParse(bare);
    if (result.success) return { place: rung, remedy, params: result.data };
  }
  const at0 = params?.path ?? rung.path;
  if (!problems.knows(at0))
    problems.add(rung.at, at0, `the remedy "${remedy.remedy}" needs parameters: { ${remedy.remedy}: … }`);
  return undefined;
}
