import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync } from "node:fs";
import type { Identity } from "../model/process.ts";
import { kernelUnits } from "./kernel-units.ts";
import { type ProcStat, parseStat } from "./stat-line.ts";

export type { ProcStat } from "./stat-line.ts";

/** Longer than any line of /proc/PID/stat (fifty numbers and a name of at most 64 bytes), and as much of a command line as is matched. */
const longest = 4_096;

/** What is read is made use of before anything else is read, so one buffer serves all. */
const buffer = Buffer.allocUnsafe(longest);

/** The beginning of a small file of the kernel. `readFileSync` takes a third longer: it reads twice. Throws as `openSync` does. */
function readBriefly(path: string): Buffer {
  const file = openSync(path, "r");
  try {
    return buffer.subarray(0, readSync(file, buffer, 0, longest, 0));
  } finally {
    closeSync(file);
  }
}

/** Reads and parses /proc/PID/stat; undefined when there is no such process. */
export function readStat(pid: number): ProcStat | undefined {
  try {
    return parseStat(readBriefly(`/proc/${pid}/stat`));
  } catch {
    return undefined;
  }
}

/** Reads and parses a /proc/PID/stat that is open, from its beginning; throws `ESRCH` when that process is gone. */
export function readOpenStat(file: number): ProcStat | undefined {
  return parseStat(buffer.subarray(0, readSync(file, buffer, 0, longest, 0)));
}

let knownBoot: string | undefined;

/** The id of this boot of the machine; it cannot change while we run. */
export function bootId(): string {
  knownBoot ??= readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim();
  return knownBoot;
}

/** Who has this pid now; undefined when nobody has. A zombie still has its pid. */
export function identityOf(pid: number): Identity | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : identityFrom(stat);
}

/** The identity of what a stat was read of. */
export function identityFrom(stat: ProcStat): Identity {
  return { pid: stat.pid, startTime: stat.startTime, bootId: bootId() };
}

/** True if both are the same process. */
export function sameIdentity(a: Identity | undefined, b: Identity | undefined): boolean {
  return (
    a !== undefined &&
    b !== undefined &&
    a.pid === b.pid &&
    a.startTime === b.startTime &&
    a.bootId === b.bootId
  );
}

/** The stat of this very process, zombie or not; undefined when it is gone, also if another one has its pid now. */
export function statOf(identity: Identity): ProcStat | undefined {
  if (identity.bootId !== bootId()) return undefined;
  const stat = readStat(identity.pid);
  return stat?.startTime === identity.startTime ? stat : undefined;
}

/** Whether this very process lives. A zombie is as good as dead: only its parent can remove it. */
export function isAlive(identity: Identity): "alive" | "zombie" | "dead" {
  const stat = statOf(identity);
  return stat === undefined ? "dead" : lifeOf(stat);
}

/** The same, of a stat already read. A main thread that ended before its other threads shows Z too, and is alive. */
export function lifeOf(stat: ProcStat): "alive" | "zombie" | "dead" {
  if (stat.state === "Z") return stat.threads > 1 ? "alive" : "zombie";
  return stat.state === "X" || stat.state === "x" ? "dead" : "alive";
}

/**
 * When the machine started, in milliseconds since the epoch by today's clock, to about 10 ms. Counted back from now by
 * /proc/uptime, which has hundredths; `btime` of /proc/stat has whole seconds only.
 */
export function bootedAt(): number {
  const uptime = Number(readFileSync("/proc/uptime", "latin1").split(" ")[0]);
  return Date.now() - uptime * 1_000;
}

/** When the process started, in milliseconds since the epoch. Many in a row may share one `booted`. */
export function startedAtOf(identity: Identity, booted = bootedAt()): number {
  return Math.round(booted + (identity.startTime / kernelUnits().clockTicks) * 1_000);
}

/** Memory in use, in bytes. */
export function rssOf(stat: ProcStat): number {
  return stat.rssPages * kernelUnits().pageSize;
}

/** Processor time used, in seconds. */
export function cpuSecondsOf(stat: ProcStat): number {
  return stat.cpuTicks / kernelUnits().clockTicks;
}

/** The command line joined by spaces, its first 4096 bytes; empty for zombies and kernel threads. */
export function cmdlineOf(pid: number): string {
  try {
    return readBriefly(`/proc/${pid}/cmdline`).toString("utf8").replaceAll("\0", " ").trimEnd();
  } catch {
    return "";
  }
}

/** The effective user of a process; undefined when it is gone. */
export function uidOf(pid: number): number | undefined {
  return statSync(`/proc/${pid}`, { throwIfNoEntry: false })?.uid;
}

/** A variable of the environment the process was started with; undefined too when we may not read it. */
export function environValue(pid: number, name: string): string | undefined {
  const entry = environOf(pid)?.find((each) => each.startsWith(`${name}=`));
  return entry?.slice(name.length + 1);
}

/** The environment a process was started with, as `NAME=value` each; undefined when we may not read it. */
export function environOf(pid: number): string[] | undefined {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").filter(Boolean);
  } catch {
    return undefined;
  }
}

/** True if the process was started with exactly this `NAME=value` in its environment. */
export function environHas(pid: number, entry: string): boolean {
  const [name = ""] = entry.split("=", 1);
  return environValue(pid, name) === entry.slice(name.length + 1);
}

/** One process of a scan; what costs a further read is read when first asked for. */
export interface ProcessEntry {
  readonly pid: number;
  readonly stat: ProcStat;
  readonly cmdline: string;
  readonly uid: number | undefined;
}

/** All processes, by one scan of /proc: 1 to 2 ms at 300 processes. */
export function listProcesses(): ProcessEntry[] {
  return listPids().flatMap((pid) => processOf(pid) ?? []);
}

/** The command lines of all processes that have one, by pid. Half the time of a scan that reads both files of each. */
export function listCommands(): ReadonlyMap<number, string> {
  const commands = new Map<number, string>();
  for (const pid of listPids()) {
    const command = cmdlineOf(pid);
    if (command !== "") commands.set(pid, command);
  }
  return commands;
}

function listPids(): number[] {
  return readdirSync("/proc").flatMap((name) => {
    const first = name.charCodeAt(0);
    return first >= 49 && first <= 57 ? [Number(name)] : [];
  });
}

/** The process that has a pid now; undefined when none has. */
export function processOf(pid: number): ProcessEntry | undefined {
  const stat = readStat(pid);
  return stat === undefined ? undefined : lazyEntry(stat);
}

function lazyEntry(stat: ProcStat): ProcessEntry {
  let cmdline: string | undefined;
  return {
    pid: stat.pid,
    stat,
    get cmdline() {
      cmdline ??= stat.ofKernel ? "" : cmdlineOf(stat.pid);
      return cmdline;
    },
    get uid() {
      return uidOf(stat.pid);
    },
  };
}

/** Our own pid and those of all our ancestors, pid 1 among them: never to be signalled, never found. */
export function ownLineage(): ReadonlySet<number> {
  const lineage = new Set([0, 1]);
  for (let pid = process.pid; pid > 1 && !lineage.has(pid); pid = readStat(pid)?.ppid ?? 0) lineage.add(pid);
  return lineage;
}
