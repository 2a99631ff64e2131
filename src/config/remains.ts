import { idPattern } from "../lib/fields.ts";
import type { Config } from "../model/config.ts";
import type { Target } from "../model/target.ts";
import { buildConfig, type Origin } from "./build-config.ts";
import { type Place, placeOf } from "./place.ts";
import { Problems } from "./problem.ts";
import { builtIn } from "./settings.ts";

/**
 * What can still be read of a config with errors: what is wrong counts as not given, and of a target with something wrong its name
 * and kind are left. Good enough to find a node and to look at it or to stop it; never to heal by it.
 *
 * @param root undefined when nothing of the file could be read
 */
export function remainsOf(root: Place | undefined, origin: Origin): Config {
  const place = root?.isMap === true ? root : placeOf({ value: {}, at: 0, children: new Map() });
  const config = buildConfig(place, origin, new Problems(origin.file, () => ({ line: 0, col: 0 })));
  const names = place.child("targets")?.keys() ?? [];
  const targets = names.flatMap((id): Target[] => {
    const whole = config.targets.get(id);
    if (whole !== undefined) return [whole];
    const kind = place.follow(["targets", id, "kind"]);
    const given = kind.found && typeof kind.place.value === "string" ? kind.place.value : "unknown";
    return idPattern.test(id) ? [nameOnly(id, given, config)] : [];
  });
  return { ...config, targets: new Map(targets.map((target) => [target.id, target])) };
}

/** A target of which no more than this is known. */
export function nameOnly(id: string, kind: string, config: Pick<Config, "node" | "base">): Target {
  return {
    id,
    kind,
    spec: {},
    nodes: [config.node],
    schedule: { every: 10 },
    timeout: builtIn.timeout,
    policy: builtIn.policy,
    needs: [],
    ladders: { any: [], bySymptom: {} },
    critical: false,
    base: config.base,
  };
}
