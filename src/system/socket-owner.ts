import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { listProcesses, type ProcessEntry } from "./procfs.ts";

/** State LISTEN in /proc/net/tcp. */
const listening = "0A";

/** Inodes of the TCP sockets that listen on a port here, on IPv4 or IPv6. Source: proc_pid_net(5). */
export function listenersOn(port: number): string[] {
  const wanted = port.toString(16).toUpperCase().padStart(4, "0");
  return [...rowsOf("/proc/net/tcp"), ...rowsOf("/proc/net/tcp6")]
    .filter((row) => row[3] === listening && row[1]?.endsWith(`:${wanted}`) === true)
    .flatMap((row) => row[9] ?? []);
}

/** Inodes of the Unix sockets bound to a path. */
export function unixListenersOn(path: string): string[] {
  return rowsOf("/proc/net/unix")
    .filter((row) => row[7] === path)
    .flatMap((row) => row[6] ?? []);
}

function rowsOf(file: string): string[][] {
  try {
    return readFileSync(file, "latin1")
      .split("\n")
      .slice(1)
      .map((line) => line.trim().split(/\s+/));
  } catch {
    return [];
  }
}

/** The processes that hold one of these sockets open, of those whose descriptors we may read. */
export function holdersOf(
  inodes: readonly string[],
  processes: readonly ProcessEntry[] = listProcesses(),
): ProcessEntry[] {
  const links = new Set(inodes.map((inode) => `socket:[${inode}]`));
  return links.size === 0 ? [] : processes.filter((entry) => holdsOne(entry.pid, links));
}

function holdsOne(pid: number, links: ReadonlySet<string>): boolean {
  try {
    return readdirSync(`/proc/${pid}/fd`).some((fd) => links.has(linkOf(pid, fd)));
  } catch {
    return false;
  }
}

function linkOf(pid: number, fd: string): string {
  try {
    return readlinkSync(`/proc/${pid}/fd/${fd}`);
  } catch {
    return "";
  }
}
