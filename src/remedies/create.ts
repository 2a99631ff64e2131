import { closeSync, existsSync, fchmodSync, linkSync, openSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import * as z from "zod";
import { HealqError, messageOf } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { makeFolder } from "../system/make-folder.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({});

const specSchema = z.looseObject({ path: z.string(), create: z.looseObject({ content: z.string() }) });

/** Creates a missing file with the content the target names. An existing file is never touched, not even one that appears meanwhile. */
export const create = defineRemedy<z.output<typeof schema>>({
  remedy: "create",
  summary: "creates the missing file with its declared content",
  schema,
  kinds: ["file"],
  cures: true,
  misfit: ({ spec }) =>
    specSchema.safeParse(spec).success
      ? undefined
      : "create needs the content: create: { content: … } on the target",
  plan: async (context) => linesOf(stepsOf(context)),
  apply: (context) => takeSteps(stepsOf(context), context),
});

function stepsOf({ target }: RemedyContext): CureStep[] {
  const { path: written, create: wanted } = specSchema.parse(target.spec);
  const path = resolve(target.base, written);
  if (existsSync(path))
    return [{ line: `${path} exists: leave it as it is`, act: async () => ({ path, created: false }) }];
  const folder = dirname(path);
  const bytes = Buffer.byteLength(wanted.content);
  return [
    ...(existsSync(folder) ? [] : [folderStep(folder)]),
    {
      line: `create ${path} with ${bytes} ${bytes === 1 ? "byte" : "bytes"}`,
      act: async () => ({ path, created: createFile(path, wanted.content) }),
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
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}.healq`);
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
  rmSync(path, { force: true });
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
