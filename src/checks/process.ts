import { formatDuration } from "../lib/duration.ts";
import { type Finding, statusOf } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { cpuSecondsOf, rssOf } from "../system/procfs.ts";
import { couldNotTell } from "./looks.ts";
import { deathLook } from "./process-death.ts";
import { type ProcessFields, processSchema } from "./process-fields.ts";
import { type Living, locate } from "./process-locate.ts";
import { type Probe, probeAll } from "./process-probes.ts";
import { processProblems } from "./process-problems.ts";
import { defaultStableFor } from "./process-spec.ts";

export type { ProcessFields } from "./process-fields.ts";
export { processSpecOf } from "./process-spec.ts";

/** A process that healq starts, or one that it finds. An exit is a fact; that a living one hangs is inferred. */
export const processKind = defineKind<ProcessFields>({
  kind: "process",
  summary: "a process that healq starts, or finds: alive, answering, still writing",
  schema: processSchema,
  symptoms: {
    "process.dead": "it does not run",
    "process.zombie": "it ended, and its parent does not wait for it",
    "process.hung": "it is stopped, or does not write what it should",
    "process.unhealthy": "its health address does not answer as wanted",
  },
  network: false,
  references: () => [],
  defaultLadder: (spec) => {
    const curable = spec.run !== undefined || (spec.start !== undefined && Array.isArray(spec.stop));
    return curable && spec.restart !== "never" ? ["restart"] : [];
  },
  problems: processProblems,
  observe: (target, context) => {
    const whereabouts = locate(target, context);
    if (whereabouts.found === "cannot tell") return couldNotTell(whereabouts.why);
    if (whereabouts.found === "gone") return deathLook(target.spec, whereabouts, context);
    return livingLook(target, whereabouts, context);
  },
});

async function livingLook(
  target: Target<ProcessFields>,
  living: Living,
  context: CheckContext,
): Promise<Look> {
  const { spec } = target;
  const probes = await probeAll(target, living.startedAt, context);
  const age = Math.max(0, context.now() - living.startedAt);
  const findings = [...stopped(living), ...probes.flatMap((probe) => probe.finding ?? [])];
  const troubles = [
    ...findings.map((finding) => finding.message),
    ...probes.flatMap((probe) => probe.cannotTell ?? []),
  ];
  const seen = { metrics: metricsOf(living, probes, age), pid: living.identity.pid };
  if (troubles.length > 0) {
    if (age < spec.startGrace) {
      return {
        ...seen,
        status: "unknown",
        findings: [],
        message: `starting: ${troubles.join("; ")}`,
        state: "starting",
        verified: false,
      };
    }
    const status = findings.length === 0 ? "unknown" : statusOf(findings);
    const state = findings.length === 0 ? "running" : "unhealthy";
    return { ...seen, status, findings, message: troubles.join("; "), state, verified: false };
  }
  const verified =
    probes.length > 0 ? probes.every((probe) => probe.verified) : age >= (spec.stableFor ?? defaultStableFor);
  // What has not shown yet that it works meets no need: dependants are not started on the strength of it.
  const starting = !verified && age < spec.startGrace;
  return {
    ...seen,
    status: starting ? "unknown" : "ok",
    findings: [],
    message: fineMessage(living, probes, { verified, age }),
    state: starting ? "starting" : "running",
    verified,
    ...(verified ? {} : { verifyWithin: longestProof(spec) }),
  };
}

/** How long a living process may take to show that it works: as long as it may take between two writes. */
function longestProof({ output, heartbeat }: ProcessFields): number {
  return Math.max(0, output?.maxAge ?? 0, heartbeat?.maxAge ?? 0);
}

/** Stopped by a signal (T). One that a debugger holds (t) is in somebody's hands, and one in the kernel (D) cannot be cured. */
function stopped(living: Living): Finding[] {
  if (living.stat.state !== "T") return [];
  const evidence = { pid: living.identity.pid, processState: living.stat.state };
  return [
    {
      symptom: "process.hung",
      severity: "critical",
      fact: true,
      message: "hung: stopped by a signal (state T)",
      evidence,
    },
  ];
}

function fineMessage(
  living: Living,
  probes: readonly Probe[],
  shown: { verified: boolean; age: number },
): string {
  const parts = [shown.verified ? "running" : `alive for ${formatDuration(shown.age)}, not yet seen to work`];
  parts.push(...probes.flatMap((probe) => probe.said ?? []));
  if (living.stat.state === "D") parts.push("waiting in the kernel (state D)");
  if (living.stat.state === "t") parts.push("held by a debugger (state t)");
  if (living.others > 0) parts.push(`${living.others} more found`);
  return parts.join(", ");
}

/** `rss` in bytes, `cpu` in seconds used, `uptime` in seconds, `latencyMs` of the health address. */
function metricsOf(living: Living, probes: readonly Probe[], age: number): Look["metrics"] {
  const probed: Look["metrics"] = Object.assign({}, ...probes.map((probe) => probe.metrics));
  return {
    rss: rssOf(living.stat),
    cpu: cpuSecondsOf(living.stat),
    uptime: Math.round(age / 100) / 10,
    ...probed,
  };
}
