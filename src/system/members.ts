import { createHash } from "node:crypto";
import { realpathSync, statSync } from "node:fs";
import type { Identity } from "../model/process.ts";
import { markerName } from "./environment.ts";
import { isFifo } from "./fifo.ts";
import {
  bootId,
  environOf,
  environValue,
  identityFrom,
  lifeOf,
  listProcesses,
  ownLineage,
  type ProcessEntry,
  sameIdentity,
} from "./procfs.ts";

/** A living process that came from a start of ours. */
export interface Member {
  readonly identity: Identity;
  /** Which start, if its environment still says so. */
  readonly instance?: string;
  /** It leads a session: it is what we spawned, or a child that put itself in the background. */
  readonly leads: boolean;
}

/** What all markers of one target begin with: the folder's hash keeps two healqs of one machine apart. */
export function markerPrefix(stateDir: string, id: string): string {
  return `${createHash("sha256").update(realpathSync(stateDir)).digest("hex").slice(0, 12)}/${id}/`;
}

/** What marks the processes of one target. */
export interface Marks {
  readonly prefix: string;
  readonly fifo: string;
  /** The leader that is written down, if any: what it started cannot be older than itself. */
  readonly leader?: Identity | undefined;
}

/**
 * All living processes that were started for a target: by the marker in their environment, or because they hold its FIFO
 * as descriptor 3. Neither can be had by chance, so a foreign process is never among them, whatever its pid
 * or group. `processes` as of just now. Programs that clear their environment *and* close all descriptors are not seen.
 */
export function membersOf(marks: Marks, processes: readonly ProcessEntry[] = listProcesses()): Member[] {
  const since = marks.leader?.bootId === bootId() ? marks.leader.startTime : 0;
  const fifo = isFifo(marks.fifo) ? statSync(marks.fifo, { throwIfNoEntry: false }) : undefined;
  const lineage = ownLineage();
  const members: Member[] = [];
  for (const { pid, stat } of processes) {
    if (stat.startTime < since || lineage.has(pid) || lifeOf(stat) !== "alive") continue;
    const marker = environValue(pid, markerName);
    const marked = marker?.startsWith(marks.prefix) === true;
    if (!marked && (fifo === undefined || !holdsAsThird(pid, fifo))) continue;
    members.push({
      identity: identityFrom(stat),
      leads: stat.session === pid,
      ...(marked && { instance: marker.slice(marks.prefix.length) }),
    });
  }
  return members;
}

/**
 * True if a living process certainly did not come from a start of this target: its environment can be read and is whole, and
 * neither that nor its descriptor 3 says that we started it. A program that wrote over its environment (to change its title)
 * proves nothing and is not called foreign.
 */
export function isForeign(pid: number, { prefix, fifo }: Marks): boolean {
  const entries = environOf(pid);
  if (entries?.[0] === undefined || !/^[A-Za-z_]\w*=/.test(entries[0])) return false;
  if (entries.some((entry) => entry.startsWith(`${markerName}=${prefix}`))) return false;
  return !holdsFifo(pid, fifo);
}

/** True if a process has this FIFO as its descriptor 3. */
function holdsFifo(pid: number, path: string): boolean {
  const fifo = isFifo(path) ? statSync(path, { throwIfNoEntry: false }) : undefined;
  return fifo !== undefined && holdsAsThird(pid, fifo);
}

function holdsAsThird(pid: number, fifo: { dev: number; ino: number }): boolean {
  try {
    const held = statSync(`/proc/${pid}/fd/3`, { throwIfNoEntry: false });
    return held !== undefined && held.dev === fifo.dev && held.ino === fifo.ino;
  } catch {
    // A process of another user.
    return false;
  }
}

/** The living processes of a leader's group. */
export function groupOf(leader: Identity): Identity[] {
  return following(leader, (entry) => entry.stat.pgrp === leader.pid);
}

/** The living processes of a leader's session, its other groups (job control) included. */
export function sessionOf(
  leader: Identity,
  processes: readonly ProcessEntry[] = listProcesses(),
): Identity[] {
  return following(leader, (entry) => entry.stat.session === leader.pid, processes);
}

/**
 * Ask only while the leader is there or has just gone: the kernel gives a pid to nobody while a group or session goes by it,
 * but once all are gone it may. If another process has the leader's pid, its group is a stranger's: nobody is returned.
 */
function following(
  leader: Identity,
  belongs: (entry: ProcessEntry) => boolean,
  processes: readonly ProcessEntry[] = listProcesses(),
): Identity[] {
  if (leader.bootId !== bootId()) return [];
  const heir = processes.find((entry) => entry.pid === leader.pid);
  if (heir !== undefined && !sameIdentity(identityFrom(heir.stat), leader)) return [];
  const lineage = ownLineage();
  return processes
    .filter((entry) => belongs(entry) && entry.stat.startTime >= leader.startTime)
    .filter((entry) => lifeOf(entry.stat) === "alive" && !lineage.has(entry.pid))
    .map((entry) => identityFrom(entry.stat));
}
