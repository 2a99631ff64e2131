import { didYouMean } from "../config/suggest.ts";
import { type Config, isOn, targetsOn } from "../model/config.ts";
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

/** A target that this node runs itself; `what` is what only works here. */
export function targetHere(config: Config, name: string, what: string): Target {
  const target = targetNamed(config, name);
  if (isOn(target, config.node)) return target;
  const nodes = target.nodes === "any" ? "any" : target.nodes.join(", ");
  throw new UsageError(`${name} is on ${nodes}, not on ${config.node}; ${what} there`);
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
