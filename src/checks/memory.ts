import * as z from "zod";
import { duration, share } from "../lib/fields.ts";
import { formatSize } from "../lib/size.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { memoryLimits } from "../system/group-limits.ts";
import { type Host, readMemory, thisHost } from "../system/host.ts";
import { listProcesses, rssOf } from "../system/procfs.ts";
import { couldNotTell } from "./looks.ts";
import { percent, type Stalled, stalledFor } from "./stalled.ts";
import { type Strain, strainLook } from "./strain.ts";

const schema = z.strictObject({
  used: share()
    .prefault("90%")
    .describe(
      "High from this share on of memory that is not available; of the smaller of the machine's and a control group's limit. Default: 90%.",
    ),
  pressure: share()
    .optional()
    .describe(
      "High too when all work stood still for want of memory for this share of the last 10 and of the last 60 seconds. Default: 10%, where the kernel tells (PSI).",
    ),
  for: duration().prefault("1m").describe("A fault only when it has been high for this long. Default: 1m."),
});

/** The fields of a `memory` target, as parsed. */
type MemorySpec = z.output<typeof schema>;

/** The memory of the machine, or of the control group that healq runs in. */
export const memory = defineKind<MemorySpec>({
  kind: "memory",
  summary: "memory of this machine: what is available, and whether work stands still for want of it",
  schema,
  symptoms: {
    "memory.high": "too little memory is available, or work stands still for want of it, for too long",
  },
  network: false,
  references: () => [],
  defaultLadder: () => [],
  observe: (target, context) => lookAtMemory(target, context, thisHost()),
});

interface Room {
  readonly total: number;
  readonly available: number;
  readonly group?: string;
}

/** One look at a machine. Over at once: a few small files of the kernel. */
export function lookAtMemory({ spec }: Target<MemorySpec>, context: CheckContext, host: Host): Look {
  const machine = readMemory(host);
  if (machine === undefined) return couldNotTell(`${host.proc}/meminfo does not tell MemAvailable`);
  const limits = memoryLimits(host);
  const room = tightest(machine, limits);
  const groups = limits.map(({ group }) => group);
  const stalled = stalledFor({ of: "memory", line: "full", groups }, host);
  const used = usedShare(room);
  const strain: Strain = {
    of: "memory",
    severity: "critical",
    seen: described(room, stalled),
    metrics: {
      usedShare: used,
      available: room.available,
      ...(stalled === undefined ? {} : { pressure: stalled.lasting }),
    },
    passed: used >= spec.used ? `from ${percent(spec.used)} used on it is high` : undefined,
    stalled,
    pressure: { written: spec.pressure, usual: 0.1 },
    lasting: spec.for,
    evidence: () => ({ ...room, largest: largest(context) }),
  };
  return strainLook(strain, context);
}

/** Of the machine and the groups that limit healq, the one with the least room. */
function tightest(machine: Room, limits: readonly Room[]): Room {
  return limits.reduce((worst, each) => (usedShare(each) > usedShare(worst) ? each : worst), machine);
}

function usedShare({ total, available }: Room): number {
  return total > 0 ? Math.round((1 - available / total) * 10_000) / 10_000 : 1;
}

function described(room: Room, stalled: Stalled | undefined): string {
  const of = room.group === undefined ? "" : ` of the control group's ${formatSize(room.total)}`;
  const pressure =
    stalled === undefined
      ? "pressure not known: the kernel has no PSI"
      : `stood still ${percent(stalled.avg10)} of 10 s, ${percent(stalled.avg60)} of 60 s`;
  return `${percent(usedShare(room))}${of} used, ${formatSize(room.available)} available, ${pressure}`;
}

/** Who has most of it, for whoever is called. */
function largest({ shared }: CheckContext): readonly { pid: number; name: string; rss: number }[] {
  return [...shared.once("processes", listProcesses)]
    .sort((a, b) => b.stat.rssPages - a.stat.rssPages)
    .slice(0, 5)
    .map(({ pid, stat }) => ({ pid, name: stat.name, rss: rssOf(stat) }));
}
