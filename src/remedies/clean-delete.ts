import { type BigIntStats, closeSync, createReadStream, fstatSync } from "node:fs";
import { messageOf } from "../model/errors.ts";
import { Folder } from "../system/folder.ts";
import type { Found } from "./clean-find.ts";

/**
 * Deletes the very file that was found: its folder is opened anew from `/` without following a link, and the file under its name
 * must be the same, unchanged. Resolves to why it was left; undefined when it is gone by our hand.
 */
export async function deleteFile(file: Found): Promise<string | undefined> {
  try {
    return await inFolderOf(file, async (folder) => {
      const stat = folder.stat(file.name);
      if (stat === undefined) return "it is gone already";
      if (!isSame(stat, file)) return changed;
      await folder.unlink(file.name);
      return undefined;
    });
  } catch (error) {
    return messageOf(error);
  }
}

/** The content of the very file that was found. Throws when it is another one now, or changed. */
export async function* contentOf(file: Found): AsyncGenerator<Buffer> {
  const fd = await inFolderOf(file, async (folder) => folder.openFile(file.name));
  try {
    if (!isSame(fstatSync(fd, { bigint: true }), file)) throw new Error(`${file.path}: ${changed}`);
    // Of a stream of bytes, each chunk is a Buffer.
    yield* createReadStream("", { fd, autoClose: false }) as AsyncIterable<Buffer>;
  } finally {
    closeSync(fd);
  }
}

const changed = "it was changed or replaced meanwhile";

async function inFolderOf<T>(file: Found, act: (folder: Folder) => Promise<T>): Promise<T> {
  let folder = Folder.open(file.root);
  try {
    for (const name of file.folders) {
      const next = folder.enter(name);
      folder.close();
      folder = next;
    }
    if (folder.mount !== file.mount) throw new Error("something was mounted over it meanwhile");
    return await act(folder);
  } finally {
    folder.close();
  }
}

function isSame(stat: BigIntStats, file: Found): boolean {
  const isIt = stat.isFile() && stat.dev === file.dev && stat.ino === file.ino;
  return (
    isIt && stat.mtimeNs === file.mtimeNs && stat.size === file.length && stat.nlink === BigInt(file.links)
  );
}
