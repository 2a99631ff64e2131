import { readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";

/** One line of the mount table. */
export interface Mount {
  readonly point: string;
  readonly type: string;
}

/** File systems served over a network, or by a program: a look at them may never return. */
const remoteTypes = new Set([
  ...["nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "virtiofs", "afs", "coda", "ncpfs", "davfs"],
  ...["ceph", "glusterfs", "lustre", "gpfs", "beegfs", "orangefs", "ocfs2", "gfs2", "autofs", "fuse"],
]);

/** As many links are followed as the kernel follows. Source: path_resolution(7). */
const maxLinks = 40;

/** The mount table of this process; empty where there is no /proc. */
export function readMounts(): Mount[] {
  try {
    return parseMounts(readFileSync("/proc/self/mounts", "utf8"));
  } catch {
    return [];
  }
}

/** Reads the lines of proc_pid_mounts(5); blanks in a name are written as octal escapes. */
export function parseMounts(text: string): Mount[] {
  return text.split("\n").flatMap((line) => {
    const [, point, type] = line.split(" ");
    return point === undefined || type === undefined ? [] : [{ point: withoutEscapes(point), type }];
  });
}

/**
 * The mount point of the file system that may hang and that a look at `path` would touch; undefined when all of the way is local.
 * Links are followed one by one, because asking for the real path at once would already touch what may hang.
 */
export function remoteMountOf(path: string, mounts: readonly Mount[]): string | undefined {
  if (!mounts.some(isRemote)) return undefined;
  let todo = path.split("/");
  let at = "/";
  let links = 0;
  while (todo.length > 0) {
    const [part = "", ...rest] = todo;
    todo = rest;
    const next = join(at, part);
    const mount = mountOf(next, mounts);
    if (mount !== undefined && isRemote(mount)) return mount.point;
    const link = linkOf(next);
    if (link === undefined) {
      at = next;
      continue;
    }
    links += 1;
    if (links > maxLinks) return undefined;
    if (link.startsWith("/")) at = "/";
    todo = [...link.split("/"), ...todo];
  }
  return undefined;
}

function isRemote(mount: Mount): boolean {
  return remoteTypes.has(mount.type) || mount.type.startsWith("fuse.");
}

/** The innermost mount a path is on; of several on one point the last one covers the others. */
function mountOf(path: string, mounts: readonly Mount[]): Mount | undefined {
  let best: Mount | undefined;
  for (const mount of mounts) {
    const inside = mount.point === "/" || path === mount.point || path.startsWith(`${mount.point}/`);
    if (inside && mount.point.length >= (best?.point.length ?? 0)) best = mount;
  }
  return best;
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}

function withoutEscapes(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 8)),
  );
}
