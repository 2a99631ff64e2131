import { didYouMean } from "../config/suggest.ts";
import { type Config, targetsOn } from "../model/config.ts";
import { instancesOf, oneCopy, whoseCopy } from "../model/copies.ts";
import { UsageError } from "../model/errors.ts";
import type { TargetRecord } from "../model/fleet.ts";
import type { Target } from "../model/target.ts";

/** The targets named, in that order and without repeats; without names those of this node. Throws a `UsageError` for an unknown one. */
export function targetsNamed(config: Config, names: readonly string[]): Target[] {
  if (names.length === 0) return targetsOn(config, config.node);
  return [...new Set(names)].map((name) => targetNamed(config, name));
}

/** One target of the config, or a `UsageError` with the name that was probably meant. */
function targetNamed(config: Config, name: string): Target {
  const target = config.targets.get(name);
  if (target === undefined) throw unknownTarget(name, [...config.targets.keys()], config.file);
  return target;
}

/** `worker`, or one of its copies: `worker@2`. */
export function copyNamed(name: string, targets: ReadonlyMap<string, Target>): Target | undefined {
  const { id, copy } = whoseCopy(name);
  const target = targets.get(id);
  if (target === undefined || !name.includes("@")) return target;
  return copy <= instancesOf(target.spec) ? oneCopy(target, copy) : undefined;
}

/** Refuses a name that neither the config nor any node of the fleet knows. */
export function requireKnown(
  names: readonly string[],
  config: Config,
  records: readonly TargetRecord[],
): void {
  const known = new Set([...config.targets.keys(), ...records.map((record) => record.id)]);
  for (const name of names) if (!known.has(name)) throw unknownTarget(name, [...known], config.file);
}

function unknownTarget(name: string, known: readonly string[], file: string): UsageError {
  const hint = didYouMean(name, known);
  const otherwise = known.length === 0 ? "; it has no targets" : "; `healq status` lists all";
  return new UsageError(`there is no target "${name}" in ${file}${hint === "" ? otherwise : hint}`);
}
