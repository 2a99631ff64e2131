import { accessSync, constants } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import type { CheckContext } from "../model/kind.ts";
import type { FileError, FileFacts } from "../model/ports.ts";
import { isFileError } from "../system/remote-stat.ts";

const long = z.strictObject({
  path: z.string().min(1).describe("The folder; relative to the config file. Links are followed."),
  writable: z
    .boolean()
    .default(false)
    .describe("The user that healq runs as must be able to write in it. Default: false."),
  mode: z
    .string()
    .regex(/^0?[0-7]{3}$/, { error: 'is no mode; write three octal digits in quotes: "755"' })
    .default("755")
    .describe('The permissions that `mkdir` gives it. Default: "755".'),
});

/** A folder that must be there. */
export type Directory = z.output<typeof long>;

/** A folder: its path, or more. */
export function directoryField() {
  const short = z
    .string()
    .min(1)
    .transform((path): Directory => ({ path, writable: false, mode: "755" }));
  return z.union([short, long]);
}

/** What is wrong with the folders, each as half a sentence: `logs is missing`. */
export function directoryFaults(
  directories: readonly Directory[],
  base: string,
  context: CheckContext,
): string[] | Promise<string[]> {
  const stats = directories.map(({ path }) => context.files.stat(resolve(base, path), context));
  const judge = (facts: readonly (FileFacts | FileError)[]) =>
    directories.flatMap((directory, i) => {
      const fault = faultOf(directory, resolve(base, directory.path), facts[i]);
      return fault === undefined ? [] : [`${directory.path} ${fault}`];
    });
  const here = stats.flatMap((each) => (each instanceof Promise ? [] : [each]));
  return here.length === stats.length ? judge(here) : Promise.all(stats).then(judge);
}

function faultOf(
  directory: Directory,
  path: string,
  facts: FileFacts | FileError | undefined,
): string | undefined {
  if (facts === undefined) return undefined;
  if (isFileError(facts)) {
    const missing = facts.error === "ENOENT" || facts.error === "ENOTDIR";
    return missing ? "is missing" : `cannot be looked at: ${facts.message}`;
  }
  if (facts.type !== "folder") return "is not a folder";
  return directory.writable && !canWrite(path) ? "is not writable" : undefined;
}

function canWrite(path: string): boolean {
  try {
    accessSync(path, constants.W_OK | constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
