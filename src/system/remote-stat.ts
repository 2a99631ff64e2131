import { statSync } from "node:fs";
import * as z from "zod";
import { messageOf } from "../model/errors.ts";
import type { FileError, FileFacts, FileView } from "../model/ports.ts";
import { FileHelper } from "./file-helper.ts";
import { type Mount, readMounts, remoteMountOf } from "./remote-mounts.ts";

/** A `FileView` with processes of its own to end. */
export interface Files extends FileView {
  /** Ends the helper processes. Idempotent. */
  close(): void;
}

const failure = z.object({ error: z.string(), message: z.string() });
const facts = z.object({
  type: z.enum(["file", "folder", "other"]),
  size: z.number(),
  mtimeMs: z.number(),
  inode: z.string(),
});
const stated = z.union([failure, facts]);
const judged = z.union([failure, z.object({ problem: z.string().optional() }).transform(withoutUndefined)]);

/** The mount table is read anew after this many milliseconds. */
const mountsFor = 1_000;

/**
 * Files as checks see them. A `stat` on a local file system is synchronous (1.6 µs; a promised one costs five times that);
 * paths on network mounts are looked at in a helper process, one per mount. Content is always parsed in a helper: a large
 * file would hold the event loop.
 */
export function createFiles(options: { mounts?: () => readonly Mount[] } = {}): Files {
  const helpers = new Map<string, FileHelper>();
  const mounts = remembered(options.mounts ?? readMounts);
  const helperFor = (mount: string): FileHelper => {
    const helper = helpers.get(mount) ?? new FileHelper();
    helpers.set(mount, helper);
    return helper;
  };
  return {
    stat: (path, signal) => {
      const mount = remoteMountOf(path, mounts());
      if (mount === undefined) return statHere(path);
      return helperFor(mount)
        .ask({ op: "stat", path }, signal)
        .then((answer) => read(stated, answer));
    },
    parse: async (path, format, signal) => {
      const mount = remoteMountOf(path, mounts()) ?? "local";
      return read(judged, await helperFor(mount).ask({ op: "parse", path, format }, signal));
    },
    close: () => {
      for (const helper of helpers.values()) helper.close();
    },
  };
}

/** True for what `stat` and `parse` give when they could not look. */
export function isFileError(answer: object): answer is FileError {
  return "error" in answer;
}

function statHere(path: string): FileFacts | FileError {
  try {
    const found = statSync(path);
    const type = found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
    return { type, size: found.size, mtimeMs: found.mtimeMs, inode: `${found.dev}:${found.ino}` };
  } catch (error) {
    return { error: codeOf(error), message: messageOf(error) };
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "EUNKNOWN";
}

function read<T>(schema: z.ZodType<T>, answer: unknown): T | FileError {
  const result = schema.safeParse(answer);
  return result.success
    ? result.data
    : { error: "EHELPER", message: "the helper process gave a strange answer" };
}

function withoutUndefined(answer: { problem?: string | undefined }): { problem?: string } {
  return answer.problem === undefined ? {} : { problem: answer.problem };
}

function remembered(make: () => readonly Mount[]): () => readonly Mount[] {
  let value: readonly Mount[] = [];
  let until = Number.NEGATIVE_INFINITY;
  return () => {
    if (performance.now() > until) {
      value = make();
      until = performance.now() + mountsFor;
    }
    return value;
  };
}
