import { InvalidArgumentError } from "commander";
import { parseDuration } from "../lib/duration.ts";
import { type UpRole, upRoles } from "./up-module.ts";

/** A duration on the command line, in milliseconds. */
export function durationArgument(text: string): number {
  const ms = parseDuration(text);
  if (ms === undefined || ms <= 0) throw new InvalidArgumentError("A duration looks like 30s, 5m, 1h or 7d.");
  return ms;
}

/** A whole number from 1 to a million. */
export function countArgument(text: string): number {
  if (!/^[1-9]\d{0,6}$/.test(text) || Number(text) > 1_000_000) {
    throw new InvalidArgumentError("It is a whole number from 1 to 1000000.");
  }
  return Number(text);
}

/** A moment in the past: how long ago (`1h`) or a date (`2026-11-22`, `2026-11-22T01:00:00Z`); milliseconds since the epoch. */
export function sinceArgument(text: string): number {
  const ago = parseDuration(text);
  if (ago !== undefined) return Date.now() - ago;
  const isDate = /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text);
  const at = isDate ? Date.parse(text) : Number.NaN;
  if (Number.isNaN(at))
    throw new InvalidArgumentError("It looks like 30s, 5m, 1h, 7d, 2026-11-22 or 2026-11-22T01:00:00Z.");
  return at;
}

/** The value of `--only`: some of the roles, separated by commas. */
export function rolesArgument(text: string): ReadonlySet<UpRole> {
  const roles = new Set<UpRole>();
  for (const word of text.split(",").map((each) => each.trim())) {
    const role = upRoles.find((each) => each === word);
    if (role === undefined) throw new InvalidArgumentError(`"${word}" is none of ${upRoles.join(", ")}.`);
    roles.add(role);
  }
  return roles;
}
