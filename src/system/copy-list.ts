import { existsSync, readdirSync } from "node:fs";
import { whoseCopy } from "../model/copies.ts";
import { cachedByFolders } from "./folder-cache.ts";

/** What the files of a copy are called: the FIFO is there before its process is. */
const copyFile = /^(.+@[1-9][0-9]{0,3})\.(?:json|fifo)$/;

/** Lists the copies that have files in `pids/`; the folder is read again only when it has changed. */
export function createCopyList(folder: string): () => ReadonlyMap<string, readonly number[]> {
  const list = () =>
    existsSync(folder) ? listed(readdirSync(folder)) : new Map<string, readonly number[]>();
  const cached = cachedByFolders([folder], list);
  return () => cached("copies");
}

function listed(names: readonly string[]): Map<string, readonly number[]> {
  const found = new Map<string, Set<number>>();
  for (const name of names) {
    const copyOf = copyFile.exec(name)?.[1];
    if (copyOf === undefined) continue;
    const { id, copy } = whoseCopy(copyOf);
    found.set(id, (found.get(id) ?? new Set()).add(copy));
  }
  return new Map([...found].map(([id, copies]) => [id, [...copies].sort((a, b) => a - b)]));
}
