import type { Config } from "../model/config.ts";
import type { Target } from "../model/target.ts";
import { byName, type Registries } from "./registry.ts";

/** Which other targets a target names. */
interface References {
  /** It is not healed while one of these is bad. */
  readonly needs: readonly string[];
  /** These are healed for it: its `producer`, its `target`, and what its remedies name. */
  readonly healedBy: readonly string[];
}

/** Who needs whom and who is healed for whom, by target, in the order of the file: what a map shows. */
export function referencesOf(config: Config, registries: Registries): Map<string, References> {
  const { kinds, remedies } = byName(registries);
  const ofOne = (target: Target): References => {
    const own = kinds.get(target.kind)?.references(target.spec) ?? [];
    const rungs = [target.ladders.any, ...Object.values(target.ladders.bySymptom)].flat();
    const named = rungs.flatMap((rung) => remedies.get(rung.remedy)?.references?.(rung.params) ?? []);
    return { needs: target.needs, healedBy: [...new Set([...own, ...named])] };
  };
  return new Map([...config.targets].map(([id, target]) => [id, ofOne(target)]));
}
