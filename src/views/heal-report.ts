import type { HealView } from "./heal.ts";

/** What came of several heals, by what is left to do. */
interface HealReport {
  readonly fixed: readonly string[];
  /** A person is needed. */
  readonly failed: readonly string[];
  /** Not well, and not touched: blocked, held back by a guard, or without a remedy. */
  readonly warnings: readonly string[];
  readonly wellAlready: readonly string[];
}

/** Sorts outcomes by what is left to do, each target once, in the order they were healed. */
function reportOf(views: readonly HealView[]): HealReport {
  const of = (...outcomes: readonly HealView["outcome"][]) =>
    views.filter(({ outcome }) => outcomes.includes(outcome)).map(({ target }) => target);
  return {
    fixed: of("healed"),
    failed: of("failed", "unreachable"),
    warnings: of("skipped"),
    wellAlready: of("already-healthy"),
  };
}

/** The same for a person, a line each; nothing is said of what there is none of. */
export function healReport(views: readonly HealView[]): string {
  const { fixed, failed, warnings, wellAlready } = reportOf(views);
  const lines: readonly [string, readonly string[]][] = [
    ["fixed", fixed],
    ["failed, needs a person", failed],
    ["warnings, not touched", warnings],
    ["well already", wellAlready],
  ];
  return lines
    .filter(([, targets]) => targets.length > 0)
    .map(([what, targets]) => `${what}: ${targets.join(", ")}\n`)
    .join("");
}
