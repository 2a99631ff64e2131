import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Identity } from "../model/process.ts";
import { kernelUnits } from "./kernel-units.ts";

/** What /proc/PID/stat says of a process. Source: proc_pid_stat(5); all reads are synchronous: 7 µs each. */
export interface ProcStat {
  readonly pid: number;
  /** The kernel's short name of it: at most 15 bytes, untrusted. */
  readonly name: string;
  /** One letter: R running, S sleeping, D uninterruptible, T stopped, Z zombie, X dead … */
  readonly state: string;
  readonly ppid: number;
  readonly pgrp: number;
  readonly session: number;
  /** It is on its way out: its exit status is set, its files are being closed. */
  readonly exiting: boolean;
  readonly threads: number;
  /** User and system time in clock ticks. */
  readonly cpuTicks: number;
  /** Clock ticks since boot. */
  readonly startTime: number;
  readonly rssPages: number;
  /** As wait(2) would give it: signal in the low seven bits, code above the low byte. Zero if we may not know. */
  readonly waitStatus: number;
}

/** PF_EXITING of the kernel's task flags. */
const exitingFlag = 0x4;

/** Reads and parses /proc/PID/stat; undefined when there is no such process. */
export function readStat(pid: number): ProcStat | undefined {
  try {
    return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
  } catch {
    return undefined;
  }
}

/** Parses one line of /proc/PID/stat; the name may hold spaces and parentheses, so fields count from the last `)`. */
export function parseStat(line: string): ProcStat | undefined {
  const open = line.indexOf("(");
  const close = line.lastIndexOf(")");
  const fields = line.slice(close + 2).split(" ");
  const field = (number: number): number => Number(fields[number - 3]);
  const stat = {
    pid: Number(line.slice(0, open)),
    name: line.slice(open + 1, close),
    state: fields[0] ?? "",
    ppid: field(4),
    pgrp: field(5),
    session: field(6),
    exiting: (field(9) & exitingFlag) !== 0,
    threads: field(20),
    cpuTicks: field(14) + field(15),
    startTime: field(22),
    rssPages: field(24),
    waitStatus: field(52) || 0,
  };
  return open > 0 && close > open && Number.isInteger(stat.startTime) ? stat : undefined;
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

/** The full command line joined by spaces, at most 4096 characters; empty for zombies and kernel threads. */
function cmdlineOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").slice(0, 4096).replaceAll("\0", " ").trimEnd();
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
  const entries: ProcessEntry[] = [];
  for (const name of readdirSync("/proc")) {
    const first = name.charCodeAt(0);
    if (first < 49 || first > 57) continue;
    const stat = readStat(Number(name));
    if (stat !== undefined) entries.push(lazyEntry(stat));
  }
  return entries;
}

function lazyEntry(stat: ProcStat): ProcessEntry {
  let cmdline: string | undefined;
  return {
    pid: stat.pid,
    stat,
    get cmdline() {
      cmdline ??= cmdlineOf(stat.pid);
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
