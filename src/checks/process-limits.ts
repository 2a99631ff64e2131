import { formatDuration } from "../lib/duration.ts";
import { formatSize } from "../lib/size.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { CheckMemory } from "../model/ports.ts";
import type { Identity } from "../model/process.ts";
import { lifeOf, listProcesses, type ProcStat, rssOf, sameIdentity } from "../system/procfs.ts";
import { pssOf } from "../system/pss.ts";
import { lastedFor } from "./lasting.ts";
import { memoryPart } from "./memory-part.ts";
import type { ProcessFields } from "./process-fields.ts";
import type { Subject } from "./process-subject.ts";
import { childrenNow, cpuOf, descendantsOf } from "./process-tree.ts";
import { percent } from "./stalled.ts";

type Limits = NonNullable<ProcessFields["limits"]>;

/** Processor time is compared over at least this long, in milliseconds: the kernel counts it in hundredths of a second. */
const window = 1_000;

/** What is remembered of a tree's processor time. */
interface Sample {
  readonly leader: Identity;
  /** Seconds used at `at` (milliseconds of the monotonic clock). */
  readonly cpu: number;
  readonly at: number;
  /** Cores used between the sample before and this one. */
  readonly cores?: number | undefined;
}

/** The process with what its `limits` say of it; without limits nothing is measured, and /proc is not scanned. */
export function withLimits({ limits, run }: ProcessFields, subject: Subject, context: CheckContext): Subject {
  if (limits === undefined) return subject;
  const { identity, stat } = subject;
  if (identity === undefined || stat === undefined)
    return { ...subject, cannotTell: "limits: its process cannot be seen from here" };
  const tree = treeOf(stat, { ours: run !== undefined }, context);
  const rss = tree.reduce((sum, each) => sum + rssOf(each), 0);
  const cores = coresOf(identity, cpuOf(tree), context.memory);
  const findings = [
    ...memoryFinding(limits, { tree, rss }, context.memory),
    ...cpuFinding(limits, { tree, cores }, context.memory),
  ];
  return {
    ...subject,
    findings: [...(subject.findings ?? []), ...findings],
    metrics: { treeRss: rss, ...(cores === undefined ? {} : { treeCpu: cores }) },
  };
}

/** The leader and all its descendants; of what healq started also those of its session, whose parents may have ended. */
function treeOf(leader: ProcStat, { ours }: { ours: boolean }, { shared }: CheckContext): ProcStat[] {
  const processes = shared.once("processes", listProcesses);
  const children = childrenNow({ shared });
  const tree = new Map([leader, ...descendantsOf(leader.pid, children)].map((stat) => [stat.pid, stat]));
  if (ours) {
    for (const { stat } of processes) {
      const belongs = stat.session === leader.pid || stat.pgrp === leader.pid;
      if (belongs && stat.startTime >= leader.startTime) tree.set(stat.pid, stat);
    }
  }
  return [...tree.values()].filter((stat) => lifeOf(stat) === "alive");
}

/** Cores used since the last sample; undefined at the first look at this process. */
function coresOf(leader: Identity, cpu: number, memory: CheckMemory): number | undefined {
  const now = performance.now();
  // Only this function writes the entry.
  const last = memory.get("limits.sample") as Sample | undefined;
  if (!sameIdentity(last?.leader, leader) || last === undefined) {
    for (const what of ["memory", "cpu"]) lastedFor("not so", part(memory, what));
    memory.set("limits.sample", { leader, cpu, at: now });
    return undefined;
  }
  if (now - last.at < window) return last.cores;
  // Who ended and was waited for by nobody of the tree took its time along.
  const used = Math.max(0, cpu - last.cpu);
  const cores = Math.round((used / (now - last.at)) * 100_000) / 100;
  memory.set("limits.sample", { leader, cpu, at: now, cores });
  return cores;
}

function memoryFinding(
  { memory: limit, for: lasting }: Limits,
  { tree, rss }: { tree: readonly ProcStat[]; rss: number },
  memory: CheckMemory,
): Finding[] {
  const used = limit !== undefined && rss > limit ? sharedFairly(tree, rss) : rss;
  const over = limit !== undefined && used > limit;
  const lasted = lastedFor(over ? "so" : "not so", part(memory, "memory"));
  if (!over || lasted < lasting) return [];
  const message = `uses ${formatSize(used)} of memory with all that it started, more than ${formatSize(limit)} for ${formatDuration(lasted)}`;
  return [overLimit("process.memory", message, { used, limit, largest: largest(tree) })];
}

/** A page that the processes of a tree share counts once; `rss` counts it for each. Asked only when that is over the limit, since it can only be less. */
function sharedFairly(tree: readonly ProcStat[], rss: number): number {
  const shares = tree.map((stat) => (tree.length === 1 ? undefined : pssOf(stat.pid)));
  const known = shares.every((share) => share !== undefined);
  return known ? shares.reduce((sum, share) => sum + share, 0) : rss;
}

function cpuFinding(
  { cpu: limit, for: lasting }: Limits,
  { tree, cores }: { tree: readonly ProcStat[]; cores: number | undefined },
  memory: CheckMemory,
): Finding[] {
  const over = limit !== undefined && cores !== undefined && cores > limit;
  const lasted = lastedFor(over ? "so" : "not so", part(memory, "cpu"));
  if (!over || lasted < lasting) return [];
  const message = `uses ${percent(cores)} of a core with all that it started, more than ${percent(limit)} for ${formatDuration(lasted)}`;
  const running = tree.filter(({ state }) => state === "R").map(({ pid, name }) => ({ pid, name }));
  return [overLimit("process.cpu", message, { cores, limit, running: running.slice(0, 5) })];
}

/** It still works, so what needs it may go on. */
function overLimit(symptom: string, message: string, evidence: Finding["evidence"]): Finding {
  return { symptom, severity: "warning", fact: false, message, evidence };
}

function largest(tree: readonly ProcStat[]): readonly { pid: number; name: string; rss: number }[] {
  return [...tree]
    .sort((a, b) => b.rssPages - a.rssPages)
    .slice(0, 5)
    .map((stat) => ({ pid: stat.pid, name: stat.name, rss: rssOf(stat) }));
}

/** A memory of its own for each limit. */
function part(memory: CheckMemory, name: string): CheckMemory {
  return memoryPart(memory, (key) => `limits.${name}.${key}`);
}
