import { parse } from "yaml";
import { fillIn } from "../src/config/variables.ts";
import { type AnyKind, type DefaultLadder, type LadderEntry, symptomsWith } from "../src/model/kind.ts";
import { remedyOf } from "../src/remedies/registry.ts";

/** What cures each symptom of targets that say nothing of `heal`. */
export interface DefaultCures {
  /** The targets of the example that have them. */
  readonly targets: readonly string[];
  /** The remedies in order, by symptom. */
  readonly bySymptom: Readonly<Record<string, readonly string[]>>;
}

/** The default cures of a kind's targets in its example; those that have the same ones stand together. */
export function defaultCures(kind: AnyKind, example: string): DefaultCures[] {
  const found = new Map<string, DefaultCures>();
  for (const [target, fields] of targetsOf(kind, example)) {
    const bySymptom = curesOf(kind, leniently(kind, fields));
    const key = JSON.stringify(bySymptom);
    found.set(key, { targets: [...(found.get(key)?.targets ?? []), target], bySymptom });
  }
  return [...found.values()];
}

type Fields = Readonly<Record<string, unknown>>;

function targetsOf(kind: AnyKind, example: string): [string, Fields][] {
  // That it is a config, the tests say, which load it.
  const { targets } = parse(example) as { targets: Record<string, Fields> };
  return Object.entries(targets).filter(([, fields]) => fields.kind === kind.kind);
}

/**
 * The fields as parsed, each by itself. One whose value comes from a variable that is set on the user's machine only stays as it is
 * written: a default ladder asks which fields there are, not what an address is.
 */
function leniently(kind: AnyKind, fields: Fields): Fields {
  const parsed = Object.entries(kind.schema.shape).map(([name, schema]) => {
    const written = filled(fields[name]);
    const result = schema.safeParse(written);
    return [name, result.success ? result.data : written];
  });
  return Object.fromEntries(parsed.filter(([, value]) => value !== undefined));
}

function filled(value: unknown): unknown {
  if (typeof value !== "string") return value;
  const text = fillIn(value, {});
  return text.ok ? text.text : value;
}

function curesOf(kind: AnyKind, spec: Fields): Record<string, readonly string[]> {
  const ladder = kind.defaultLadder(spec);
  return Object.fromEntries(
    Object.keys(symptomsWith(kind, spec)).map((symptom) => {
      // A list is for all symptoms; a map without `any` has none for those that it leaves out.
      const rungs = isList(ladder) ? ladder : (ladder[symptom] ?? ladder.any ?? []);
      return [symptom, rungs.map(nameOf).filter((name) => fits(name, kind, spec))];
    }),
  );
}

function isList(ladder: DefaultLadder): ladder is readonly LadderEntry[] {
  return Array.isArray(ladder);
}

function nameOf(entry: LadderEntry): string {
  return typeof entry === "string" ? entry : (Object.keys(entry).find((key) => key !== "tries") ?? "");
}

/** What does not fit the target is left out of a default ladder. */
function fits(name: string, kind: AnyKind, spec: Fields): boolean {
  const remedy = remedyOf(name);
  const bare = [{}, null].map((given) => remedy?.schema.safeParse(given)).find((result) => result?.success);
  return remedy?.misfit?.({ kind: kind.kind, spec }, bare?.data) === undefined;
}
