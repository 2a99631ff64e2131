import { didYouMean, oneOf } from "./suggest.ts";

/** Why a name of a registry is none: not built yet, or unknown with what was probably meant. */
export function unknownName(
  what: string,
  name: string,
  from: { readonly names: Iterable<string>; readonly notYet?: boolean },
): string {
  const names = [...from.names];
  if (from.notYet) return `the ${what} "${name}" is not built yet; known: ${oneOf(names)}`;
  const hint = didYouMean(name, names);
  return `unknown ${what} "${name}"${hint === "" ? `; known: ${oneOf(names)}` : hint}`;
}
