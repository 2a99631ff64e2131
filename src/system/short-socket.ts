import { createHash } from "node:crypto";
import { lstatSync, readlinkSync, realpathSync, rmSync, symlinkSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { HealqError, messageOf } from "../model/errors.ts";
import { makeFolder } from "./make-folder.ts";

/** What fits `sun_path` of a Unix socket beside its closing zero. Source: unix(7). */
const longest = 107;

/**
 * Where a Unix socket called `name` of the folder `dir` is to be: there, if the path has at most 107 bytes; else under
 * `$XDG_RUNTIME_DIR` (or /tmp) in a folder of our own, mode 0700. The choice is kept as a symbolic link at `dir/name`,
 * so that a healq started with another environment finds the same socket. Throws a `HealqError` when somebody else
 * owns the short folder.
 */
export function socketPath(dir: string, name: string): string {
  const folder = resolve(dir);
  const plain = join(folder, name);
  if (Buffer.byteLength(plain) <= longest) return plain;
  const hash = createHash("sha256").update(settled(folder)).digest("hex").slice(0, 16);
  const kept = keptChoice(plain, hash);
  if (kept !== undefined) return kept;
  const chosen = join(shortFolder(hash), name);
  if (Buffer.byteLength(chosen) > longest) {
    throw new HealqError(
      "socket-path",
      `no path for the socket ${name} has at most ${longest} bytes: shorten its name or stateDir`,
    );
  }
  keep(plain, chosen);
  return chosen;
}

/** The folder without symbolic links in it, so that two ways to one folder give one socket. */
function settled(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}

function bases(): string[] {
  const runtime = process.env.XDG_RUNTIME_DIR;
  // A long XDG_RUNTIME_DIR would be no gain: 60 bytes leave room for our folders and the name.
  return runtime?.startsWith("/") && Buffer.byteLength(runtime) <= 60 ? [runtime, "/tmp"] : ["/tmp"];
}

function shortFolder(hash: string): string {
  let fault = "";
  for (const base of bases()) {
    const own = join(base, `healq-${process.geteuid?.() ?? 0}`);
    try {
      makePrivate(own);
      makePrivate(join(own, hash));
      return join(own, hash);
    } catch (error) {
      fault = messageOf(error);
    }
  }
  throw new HealqError(
    "socket-path",
    `stateDir's path is too long for a socket, and a short one cannot be had: ${fault}`,
  );
}

/** Makes sure that the folder is ours alone; one that was prepared by somebody else in /tmp is refused. */
function makePrivate(folder: string): void {
  makeFolder(folder, 0o700);
  const stats = lstatSync(folder);
  const ours = stats.isDirectory() && stats.uid === process.geteuid?.() && (stats.mode & 0o077) === 0;
  if (!ours) throw new Error(`${folder} is not a folder of ours with mode 0700: remove it`);
}

function keptChoice(link: string, hash: string): string | undefined {
  try {
    const target = readlinkSync(link);
    const folder = dirname(target);
    if (basename(folder) !== hash || basename(target) !== basename(link)) return undefined;
    makePrivate(dirname(folder));
    makePrivate(folder);
    return target;
  } catch {
    return undefined;
  }
}

function keep(link: string, target: string): void {
  try {
    rmSync(link, { force: true });
    symlinkSync(target, link);
  } catch {
    // The folder may not exist yet, or not be ours to write: the choice is the same again in the same environment.
  }
}
