import { closeSync, existsSync, fchmodSync, linkSync, openSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { HealqError, messageOf } from "../model/errors.ts";
import { makeFolder } from "../system/make-folder.ts";
import { temporaryBeside } from "../system/temporary.ts";
import type { CureStep } from "./steps.ts";

/** The steps that make a file that is not there, with its folders. One that appears meanwhile is left as it is. */
export function newFileSteps(path: string, content: string): CureStep[] {
  const folder = dirname(path);
  const bytes = Buffer.byteLength(content);
  return [
    ...(existsSync(folder) ? [] : [folderStep(folder)]),
    {
      line: `create ${path} with ${bytes} ${bytes === 1 ? "byte" : "bytes"}`,
      act: async () => ({ path, created: createFile(path, content) }),
    },
  ];
}

function folderStep(folder: string): CureStep {
  return {
    line: `make the folder ${folder}`,
    act: async () => {
      try {
        makeFolder(folder, 0o755);
      } catch (error) {
        throw new HealqError("create", `cannot make the folder ${folder}: ${messageOf(error)}`, {
          cause: error,
        });
      }
      return undefined;
    },
  };
}

/**
 * Whole or not at all, and never over another file: written beside it and linked into place, which fails if the name is
 * taken. Source: link(2). False when the name was taken meanwhile.
 */
function createFile(path: string, content: string): boolean {
  const temporary = temporaryBeside(path);
  try {
    writeMode(temporary, content);
    return linked(temporary, path, content);
  } catch (error) {
    throw new HealqError("create", `cannot create ${path}: ${messageOf(error)}`, { cause: error });
  } finally {
    rmSync(temporary, { force: true });
  }
}

/** Mode 0644 whatever healq's umask is: the programs that read it may be other users'. */
function writeMode(path: string, content: string): void {
  const fd = openSync(path, "wx", 0o644);
  try {
    fchmodSync(fd, 0o644);
    writeFileSync(fd, content);
  } finally {
    closeSync(fd);
  }
}

function linked(temporary: string, path: string, content: string): boolean {
  try {
    linkSync(temporary, path);
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "EEXIST") return standsThere(path);
    if (code !== "EPERM" && code !== "ENOTSUP" && code !== "EOPNOTSUPP") throw error;
    // No hard links on this file system (FAT, some network ones): still never over another file, but not in one piece.
    writeFileSync(path, content, { flag: "wx", mode: 0o644 });
    return true;
  }
}

/** The name is taken: by a file, which is as good, or by a link that leads nowhere. */
function standsThere(path: string): false {
  if (!existsSync(path))
    throw new Error("it is a symbolic link to something that is missing; remove the link");
  return false;
}
