import { existsSync } from "node:fs";
import { dirname, extname, resolve } from "node:path";
import type { LogSpec } from "../checks/log-spec.ts";
import type { RequiresSpec } from "../checks/requires.ts";
import type { Directory } from "../checks/requires-directories.ts";
import type { RemedyContext } from "../model/remedy.ts";
import type { Target } from "../model/target.ts";
import { captured } from "./captured.ts";

/** The folders that a target wants, absolute, and those in which they may be made. */
interface WantedFolders {
  readonly directories: readonly Pick<Directory, "path" | "mode">[];
  readonly roots: readonly string[];
}

/** True if there is anything that `mkdir` could make for this target. */
export function hasFolders({ kind, spec }: Pick<Target, "kind" | "spec">): boolean {
  // The remedy fits two kinds, so the spec is one of the schema of that kind.
  if (kind === "log") return (spec as LogSpec).allow.mkdir.length > 0;
  return (spec as RequiresSpec).directories.length > 0;
}

/** Of `requires` what it declares; of `log` what its lines name. */
export function wantedFolders(context: RemedyContext): WantedFolders {
  const { spec, base, kind } = context.target;
  // As above.
  const { allow } = spec as LogSpec | RequiresSpec;
  const roots = allow.mkdir.map((root) => resolve(base, root));
  if (kind === "log") return { directories: foldersInLines(context, spec as LogSpec), roots };
  const { directories } = spec as RequiresSpec;
  return { directories: directories.map((one) => ({ ...one, path: resolve(base, one.path) })), roots };
}

/**
 * A program that misses `data/out/x.json` misses the folder of it. Where that is there, a name without an extension is taken for a folder; a file is
 * nothing to guess, and is for `create`.
 */
function foldersInLines(context: RemedyContext, { cwd }: LogSpec): Pick<Directory, "path" | "mode">[] {
  const start = resolve(context.target.base, cwd);
  const folders = captured(context, "path")
    // What was taken out of a line is no name of a folder.
    .filter((path) => !path.includes("[redacted]"))
    .map((path) => resolve(start, path))
    .flatMap((path) => {
      if (!existsSync(dirname(path))) return [dirname(path)];
      return extname(path) === "" ? [path] : [];
    });
  return [...new Set(folders)].map((path) => ({ path, mode: "755" }));
}
