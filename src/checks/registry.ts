import type { AnyKind } from "../model/kind.ts";
import { command } from "./command.ts";
import { file } from "./file.ts";
import { http } from "./http.ts";
import { processKind } from "./process.ts";

/** All kinds of targets, in the order they are shown. */
export const kinds: readonly AnyKind[] = [processKind, file, http, command];

const byName = new Map(kinds.map((kind) => [kind.kind, kind]));

/** The kind of that name, if there is one. */
export function kindOf(name: string): AnyKind | undefined {
  return byName.get(name);
}
