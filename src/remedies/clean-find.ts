import { realpathSync } from "node:fs";
import { type PathGlob, type Positions, positionsAtRoot, positionsIn, takesFile } from "../lib/path-glob.ts";
import { createSlices } from "../lib/slices.ts";
import { HealqError } from "../model/errors.ts";
import { Folder } from "../system/folder.ts";
import { readMounts, remoteMountOf } from "../system/remote-mounts.ts";
import { systemFolder } from "../system/system-folders.ts";

/** A file that a rule matches, and all by which it is known again. */
export interface Found {
  /** The folder the rule begins in, without links. */
  readonly root: string;
  /** The folders on the way down from there. */
  readonly folders: readonly string[];
  readonly name: string;
  /** All of the path, for people. */
  readonly path: string;
  readonly mount: string;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly mtimeNs: bigint;
  /** How long it is, in bytes. */
  readonly length: bigint;
  /** What it takes on the disk, in bytes. */
  readonly bytes: number;
  readonly mode: number;
  readonly uid: number;
  /** How many names it has. */
  readonly links: number;
}

/** The regular files that match, on the mount of the root alone; no link is followed below it. Throws a `HealqError` for a root that is not to be touched. */
export async function findFiles(glob: PathGlob, signal: AbortSignal): Promise<Found[]> {
  const real = realRoot(glob.root);
  if (real === undefined) return [];
  const root = Folder.open(real);
  try {
    const about = { root: real, mount: root.mount, dev: root.stat(".")?.dev };
    const found: Found[] = [];
    await walk(
      { folder: root, at: positionsAtRoot(glob.pattern), folders: [] },
      { glob, about, signal, found },
    );
    return found;
  } finally {
    root.close();
  }
}

/** The root without links, resolved once; undefined when there is no such folder. */
function realRoot(root: string): string | undefined {
  if (remoteMountOf(root, readMounts()) !== undefined)
    throw new HealqError(
      "clean",
      `healq does not clean ${root}: on a network mount nobody can tell which files other machines have open`,
    );
  const real = resolved(root);
  const refusal = real === undefined ? undefined : systemFolder(real);
  if (refusal === undefined) return real;
  throw new HealqError("clean", `healq does not clean ${root}, which is ${real}: it ${refusal}`);
}

function resolved(root: string): string | undefined {
  try {
    return realpathSync(root);
  } catch {
    // Nothing there: nothing to clean.
    return undefined;
  }
}

interface Place {
  readonly folder: Folder;
  readonly at: Positions;
  readonly folders: readonly string[];
}

interface Walk {
  readonly glob: PathGlob;
  readonly about: { readonly root: string; readonly mount: string; readonly dev: bigint | undefined };
  readonly signal: AbortSignal;
  readonly found: Found[];
}

async function walk(place: Place, of: Walk): Promise<void> {
  const { glob, signal } = of;
  signal.throwIfAborted();
  const slices = createSlices(signal);
  for (const entry of await place.folder.entries()) {
    if (slices.due()) await slices.pause();
    if (entry.isFile()) addFile(place, entry.name, of);
    if (!entry.isDirectory()) continue;
    const at = positionsIn(glob.pattern, place.at, entry.name);
    if (at.length > 0) await descend(place, { name: entry.name, at }, of);
  }
}

/** Not into what is mounted there, nor into what is no folder any more. */
async function descend(place: Place, next: { name: string; at: Positions }, of: Walk): Promise<void> {
  const folder = entered(place.folder, next.name);
  if (folder === undefined) return;
  try {
    if (folder.mount !== of.about.mount || folder.stat(".")?.dev !== of.about.dev) return;
    await walk({ folder, at: next.at, folders: [...place.folders, next.name] }, of);
  } finally {
    folder.close();
  }
}

function entered(folder: Folder, name: string): Folder | undefined {
  try {
    return folder.enter(name);
  } catch {
    return undefined;
  }
}

function addFile({ folder, at, folders }: Place, name: string, { glob, about, found }: Walk): void {
  if (!takesFile(glob.pattern, at, name)) return;
  const stat = folder.stat(name);
  if (stat?.isFile() !== true || stat.dev !== about.dev) return;
  const { dev, ino, mtimeNs, size, blocks, mode, uid, nlink } = stat;
  found.push({
    ...{ root: about.root, mount: about.mount, folders, name, dev, ino, mtimeNs, length: size },
    path: [about.root, ...folders, name].join("/"),
    bytes: Number(blocks) * 512,
    mode: Number(mode),
    uid: Number(uid),
    links: Number(nlink),
  });
}
