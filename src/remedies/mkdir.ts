import {
  closeSync,
  constants,
  existsSync,
  fchmodSync,
  fchownSync,
  mkdirSync,
  openSync,
  statSync,
} from "node:fs";
import { dirname } from "node:path";
import * as z from "zod";
import type { Directory } from "../checks/requires-directories.ts";
import { HealqError, messageOf } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { whyNotThere } from "./allowed-roots.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";
import { hasFolders, wantedFolders } from "./wanted-folders.ts";

const schema = z.strictObject({});

const misfits: Readonly<Record<string, string>> = {
  requires: "mkdir needs directories: to make",
  log: "mkdir needs the folders in which it may: allow: { mkdir: [data] }",
};

/**
 * Makes the missing folders of a `requires` target, or those that the lines of a log name, inside of `allow.mkdir` only: links are resolved before it is asked what is inside.
 * What is there is left as it is, also when it is a file. As root a new folder belongs to whom the one around it belongs to.
 */
export const mkdir = defineRemedy<z.output<typeof schema>>({
  remedy: "mkdir",
  summary: "makes the missing folders, inside of the allowed ones",
  schema,
  kinds: ["requires", "log"],
  cures: true,
  misfit: ({ kind, spec }) => (hasFolders({ kind, spec }) ? undefined : misfits[kind]),
  plan: async (context) => linesOf(stepsOf(context)),
  apply: async (context) => takeSteps(stepsOf(context), context),
});

function stepsOf(context: RemedyContext): CureStep[] {
  const { directories, roots } = wantedFolders(context);
  const wanted = directories.filter(({ path }) => !existsSync(path));
  const allowed = wanted.filter(({ path }) => whyNotThere(path, roots) === undefined);
  // A line of a log that names a forbidden folder must not keep another one from being made.
  const missing = context.target.kind === "log" && allowed.length > 0 ? allowed : wanted;
  for (const { path } of missing) refuseOutside(path, roots);
  if (missing.length === 0)
    return [{ line: "no folder is missing: leave all as they are", act: async () => undefined }];
  return missing.map((directory, i) => ({
    line: `make the folder ${directory.path} with mode ${directory.mode}`,
    act: async () => {
      // Asked again: somebody may have put a link there since.
      refuseOutside(directory.path, roots);
      return { [`made${i === 0 ? "" : i + 1}`]: make(directory) };
    },
  }));
}

function refuseOutside(path: string, roots: readonly string[]): void {
  const why = whyNotThere(path, roots);
  if (why !== undefined) refuse(why);
}

/** The folders that were made, from the outermost. */
function make({ path, mode }: Pick<Directory, "path" | "mode">): string[] {
  const made: string[] = [];
  for (let at = path; !existsSync(at); at = dirname(at)) made.unshift(at);
  try {
    for (const folder of made) {
      mkdirSync(folder);
      settle(folder, folder === path ? Number.parseInt(mode, 8) : 0o755);
    }
  } catch (error) {
    // Somebody else may have made it meanwhile, which is as good.
    if (!existsSync(path)) refuse(`cannot make the folder ${path}: ${messageOf(error)}`, error);
  }
  return made;
}

/** Its mode whatever healq's umask is, and as root its owner: of the very folder, not of a link that was put in its place. */
function settle(folder: string, mode: number): void {
  const fd = openSync(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    const { uid, gid } = statSync(dirname(folder));
    if (process.geteuid?.() === 0) fchownSync(fd, uid, gid);
    fchmodSync(fd, mode);
  } finally {
    closeSync(fd);
  }
}

function refuse(message: string, cause?: unknown): never {
  throw new HealqError("mkdir", message, cause === undefined ? {} : { cause });
}
