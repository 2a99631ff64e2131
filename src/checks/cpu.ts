import * as z from "zod";
import { duration, share } from "../lib/fields.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { processorLimits } from "../system/group-limits.ts";
import { type Host, processorsOf, readLoad, thisHost } from "../system/host.ts";
import { listProcesses } from "../system/procfs.ts";
import { couldNotTell } from "./looks.ts";
import { percent, type Stalled, stalledFor } from "./stalled.ts";
import { type Strain, strainLook } from "./strain.ts";

const schema = z.strictObject({
  load: z
    .number()
    .positive()
    .prefault(4)
    .describe(
      "High from this load average of the last minute on, per processor of the machine. Counts what waits for a disk too. Default: 4.",
    ),
  pressure: share()
    .optional()
    .describe(
      "High too when some work waited for a processor for this share of the last 10 and of the last 60 seconds; in a control group with a limit its own wait counts as well. Default: 90%, where the kernel tells (PSI).",
    ),
  for: duration().prefault("5m").describe("A fault only when it has been high for this long. Default: 5m."),
});

/** The fields of a `cpu` target, as parsed. */
type CpuSpec = z.output<typeof schema>;

/** The processors of the machine, or what the control group that healq runs in may have of them. */
export const cpu = defineKind<CpuSpec>({
  kind: "cpu",
  summary: "processors of this machine: the load, and how long work waits for them",
  schema,
  symptoms: { "cpu.high": "too much waits for the processors, for too long" },
  network: false,
  references: () => [],
  defaultLadder: () => [],
  observe: (target, context) => lookAtCpu(target, context, thisHost()),
});

/** One look at a machine. Over at once: a few small files of the kernel. */
export function lookAtCpu({ spec }: Target<CpuSpec>, context: CheckContext, host: Host): Look {
  const loads = readLoad(host);
  if (loads === undefined) return couldNotTell(`${host.proc}/loadavg cannot be read`);
  const processors = processorsOf(host);
  const loadPerProcessor = Math.round((loads[0] / processors) * 100) / 100;
  const groups = processorLimits(host);
  const stalled = stalledFor({ of: "cpu", line: "some", groups }, host);
  const strain: Strain = {
    of: "cpu",
    // The machine is slow, not down: what needs it may go on.
    severity: "warning",
    seen: described({ load: loads[0], processors }, stalled),
    metrics: {
      load: loads[0],
      loadPerProcessor,
      ...(stalled === undefined ? {} : { pressure: stalled.lasting }),
    },
    passed: loadPerProcessor >= spec.load ? `from ${spec.load} a processor on it is high` : undefined,
    stalled,
    pressure: { written: spec.pressure, usual: 0.9 },
    lasting: spec.for,
    evidence: () => ({ loads, processors, ...busy(context) }),
  };
  return strainLook(strain, context);
}

function described(of: { load: number; processors: number }, stalled: Stalled | undefined): string {
  const pressure =
    stalled === undefined
      ? "pressure not known: the kernel has no PSI"
      : `some work waited ${percent(stalled.avg10)} of 10 s, ${percent(stalled.avg60)} of 60 s`;
  return `load ${of.load} on ${of.processors} ${of.processors === 1 ? "processor" : "processors"}, ${pressure}`;
}

/** Who makes the load: what runs, and what waits in the kernel, mostly for a disk (state D). */
function busy({ shared }: CheckContext): { running: string[]; waiting: string[] } {
  const processes = shared.once("processes", listProcesses);
  const named = (state: string) =>
    processes
      .filter(({ stat }) => stat.state === state)
      .slice(0, 5)
      .map(({ pid, stat }) => `${stat.name} (pid ${pid})`);
  return { running: named("R"), waiting: named("D") };
}
