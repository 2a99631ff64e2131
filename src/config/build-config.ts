import { dirname, resolve } from "node:path";
import { badId, idPattern } from "../lib/fields.ts";
import type { Config } from "../model/config.ts";
import { readAlerts } from "./alerts.ts";
import { checkFields } from "./check-fields.ts";
import { checkLinks } from "./check-links.ts";
import { nodeName } from "./node-name.ts";
import { fieldsOf, type Place } from "./place.ts";
import type { Problems } from "./problem.ts";
import { type ReadTarget, readTarget, type Surrounding } from "./read-target.ts";
import type { Named } from "./registry.ts";
import { emptySections, sections, topLevel } from "./sections.ts";
import { builtIn, checkSettings, override, type Settings } from "./settings.ts";
import { didYouMean } from "./suggest.ts";
import { overridable } from "./target-fields.ts";

/** Where a config comes from. */
export interface Origin {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
  readonly named: Named;
}

/** Checks the whole file, section by section and target by target; what it returns holds only if no problem was found. */
export function buildConfig(root: Place, { file, env, named }: Origin, problems: Problems): Config {
  checkTopLevel(root, problems);
  const given = checkFields(sections, root, problems);
  const absolute = resolve(file);
  const base = dirname(absolute);
  const node = nodeName(given.node, env, problems);
  const timezone = given.timezone ?? "UTC";
  const defaults = readDefaults(root.child("defaults"), problems);
  const targets = readTargets(root.child("targets"), { named, defaults, node, timezone, base, problems });
  return {
    file: absolute,
    base,
    node,
    ...(given.redis === undefined ? {} : { redis: given.redis }),
    stateDir: resolve(base, given.stateDir ?? ".healq"),
    timezone,
    targets: new Map(
      targets.flatMap(({ id, target }) => (target === undefined ? [] : [[id, target] as const])),
    ),
    limits: given.limits ?? emptySections.limits,
    alerts: readAlerts(root.child("alerts"), named.channels, problems),
    web: given.web ?? emptySections.web,
  };
}

function checkTopLevel(root: Place, problems: Problems): void {
  for (const [key, place] of fieldsOf(root)) {
    if (!topLevel.includes(key))
      problems.add(place.keyAt, place.path, `unknown key${didYouMean(key, topLevel)}`);
  }
}

function readDefaults(place: Place | undefined, problems: Problems): Settings {
  if (place === undefined) return builtIn;
  if (!place.isMap) {
    problems.add(place.at, place.path, "must be a map: { every: 10s, … }");
    return builtIn;
  }
  const names = Object.keys(overridable);
  for (const [key, field] of fieldsOf(place)) {
    if (!names.includes(key)) problems.add(field.keyAt, field.path, `unknown key${didYouMean(key, names)}`);
  }
  const settings = override(builtIn, checkFields(overridable, place, problems));
  checkSettings(settings, place, problems);
  return settings;
}

function readTargets(place: Place | undefined, around: Surrounding): ReadTarget[] {
  const { problems } = around;
  if (place !== undefined && !place.isMap) {
    problems.add(place.at, place.path, "must be a map from a name to { kind: … }");
    return [];
  }
  const targets = (place?.children() ?? []).map((target) => {
    const id = String(target.path.at(-1));
    if (!idPattern.test(id)) problems.add(target.keyAt, target.path, badId(id));
    return readTarget(target, around);
  });
  checkLinks(targets, problems);
  return targets;
}
