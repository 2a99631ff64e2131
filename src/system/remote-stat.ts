import { statfsSync, statSync } from "node:fs";
import * as z from "zod";
import { exact } from "../lib/exact.ts";
import { messageOf } from "../model/errors.ts";
import type {
  FieldValue,
  FieldValues,
  FileError,
  FileFacts,
  FileView,
  LogLines,
  SpaceFacts,
} from "../model/ports.ts";
import { FileHelper } from "./file-helper.ts";
import { linesAnswer } from "./log-lines.ts";
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
const spaceFacts = z.object({
  blockSize: z.number(),
  blocks: z.number(),
  free: z.number(),
  available: z.number(),
  inodes: z.number(),
  freeInodes: z.number(),
});
const stated = z.union([failure, facts]);
const spaced = z.union([failure, spaceFacts]);
const judged = z.union([failure, z.object({ problem: z.string().optional() }).transform(withoutUndefined)]);
const fieldValue = z.object({
  type: z.enum([
    "missing",
    "empty",
    "string",
    "integer",
    "number",
    "boolean",
    "list",
    "map",
    "date",
    "other",
  ]),
  value: z.union([z.string(), z.number(), z.boolean()]).optional(),
});
const fieldValues = z.union([
  failure,
  z.object({ problem: z.string() }),
  z.object({ values: z.array(fieldValue.transform((given): FieldValue => exact(given))) }),
]);

const logLines = z.union([failure, linesAnswer]);

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
    stat: (path, within) => {
      const mount = remoteMountOf(path, mounts());
      if (mount === undefined) return statHere(path);
      return helperFor(mount)
        .ask({ op: "stat", path }, within.signal)
        .then((answer) => read(stated, answer));
    },
    remoteMount: (path) => remoteMountOf(path, mounts()),
    space: (path, within) => {
      const mount = remoteMountOf(path, mounts());
      if (mount === undefined) return spaceHere(path);
      return helperFor(mount)
        .ask({ op: "space", path }, within.signal)
        .then((answer) => read(spaced, answer));
    },
    parse: async (path, format, signal) => {
      const mount = remoteMountOf(path, mounts()) ?? "local";
      return read(judged, await helperFor(mount).ask({ op: "parse", path, format }, signal));
    },
    values: async (path, asked, signal): Promise<FieldValues | FileError> => {
      const mount = remoteMountOf(path, mounts()) ?? "local";
      return read(fieldValues, await helperFor(mount).ask({ op: "values", path, ...asked }, signal));
    },
    lines: async (path, asked, signal): Promise<LogLines | FileError> => {
      const mount = remoteMountOf(path, mounts()) ?? "local";
      return read(logLines, await helperFor(mount).ask({ op: "lines", path, ...asked }, signal));
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

function spaceHere(path: string): SpaceFacts | FileError {
  try {
    const { bsize, blocks, bfree, bavail, files, ffree } = statfsSync(path);
    return { blockSize: bsize, blocks, free: bfree, available: bavail, inodes: files, freeInodes: ffree };
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
