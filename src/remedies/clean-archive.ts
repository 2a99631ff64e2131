import { createWriteStream } from "node:fs";
import { open, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { makeFolder } from "../system/make-folder.ts";
import { spaceError } from "../system/space-error.ts";
import { tar } from "../system/tar.ts";
import { contentOf } from "./clean-delete.ts";
import type { Found } from "./clean-find.ts";

/**
 * Packs files into a new `.tar.gz` (mode 0600), which is on disk when this resolves to its path. Rejects, with nothing left behind,
 * when it cannot be written or a file changed meanwhile.
 */
export async function archiveTo(
  folder: string,
  files: readonly Found[],
  { name, signal }: { name: string; signal: AbortSignal },
): Promise<{ archive: string; archiveBytes: number }> {
  makeFolder(folder, 0o700);
  const moment = new Date().toISOString().replaceAll(":", "-");
  const archive = join(folder, `${name}-${moment}.tar.gz`);
  const temporary = `${archive}.part`;
  try {
    const archiveBytes = await pack(files, temporary, signal);
    await rename(temporary, archive);
    await sync(folder);
    return { archive, archiveBytes };
  } catch (error) {
    await rm(temporary, { force: true });
    signal.throwIfAborted();
    throw spaceError(archive, error);
  }
}

async function pack(files: readonly Found[], path: string, signal: AbortSignal): Promise<number> {
  const output = createWriteStream(path, { flags: "wx", mode: 0o600, flush: true });
  await pipeline(Readable.from(tar(files.map(entryOf))), createGzip(), output, { signal });
  return output.bytesWritten;
}

/** A rename is on disk only when its folder is. Source: fsync(2). */
async function sync(folder: string): Promise<void> {
  const handle = await open(folder, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function entryOf(file: Found) {
  return {
    name: file.path.slice(1),
    size: Number(file.length),
    mode: file.mode,
    mtime: Number(file.mtimeNs / 1_000_000_000n),
    content: () => contentOf(file),
  };
}
