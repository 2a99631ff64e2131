import { formatDuration } from "../lib/duration.ts";
import { type Finding, statusOf } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { cpuSecondsOf, rssOf } from "../system/procfs.ts";
import { couldNotTell } from "./looks.ts";
import { copiesLook } from "./process-copies.ts";
import { counted } from "./process-count.ts";
import { deathLook } from "./process-death.ts";
import { livingSurplus } from "./process-duplicates.ts";
import { type ProcessFields, processSchema } from "./process-fields.ts";
import { withLimits } from "./process-limits.ts";
import { locate } from "./process-locate.ts";
import { type Probe, probeAll } from "./process-probes.ts";
import { processProblems } from "./process-problems.ts";
import { defaultStableFor } from "./process-spec.ts";
import type { Subject } from "./process-subject.ts";
import { unitOfTarget } from "./unit-fields.ts";
import { lookAtUnit } from "./unit-look.ts";

export type { ProcessFields } from "./process-fields.ts";
export { processSpecOf } from "./process-spec.ts";

/** With `instances` all is cured but a duplicate, which somebody else started and healq does not end. */
const curesOfCopies = { any: ["restart"], "process.duplicate": [] };

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
    "process.memory": "it and what it started have used more memory than `limits` allows, for too long",
    "process.cpu":
      "it and what it started have used more of the processors than `limits` allows, for too long",
    "process.duplicate": "more run than `instances` says, or somebody else started the same program",
  },
  network: false,
  references: () => [],
  defaultLadder: (spec) => {
    const isUnit = (spec.systemd ?? spec.docker ?? spec.pm2) !== undefined;
    const curable =
      isUnit || spec.run !== undefined || (spec.start !== undefined && Array.isArray(spec.stop));
    if (!curable || spec.restart === "never") return [];
    return spec.run !== undefined && spec.instances !== undefined ? curesOfCopies : ["restart"];
  },
  problems: processProblems,
  observe: (target, context) => {
    const unit = unitOfTarget(target);
    if (unit !== undefined)
      return lookAtUnit(target, unit, context).then((seen) =>
        "found" in seen ? probed(target, seen, context) : seen,
      );
    if (hasCopies(target, context)) return copiesLook(target, context, limitedLook);
    const whereabouts = locate(target, context);
    if (whereabouts.found === "cannot tell") return couldNotTell(whereabouts.why);
    if (whereabouts.found === "gone") return deathLook(target.spec, whereabouts, context);
    const look = probed(target, whereabouts, context);
    const judge = (seen: Look) => counted(target, seen, context);
    return look instanceof Promise ? look.then(judge) : judge(look);
  },
});

/** Measures and asks what is to be asked of a process that lives, and judges. */
function probed(target: Target<ProcessFields>, living: Subject, context: CheckContext): Promise<Look> | Look {
  const known = living.probes ?? none;
  const probes = probeAll(target, living.startedAt, context);
  if (Array.isArray(probes))
    return limitedLook(target, living, probes.length === 0 ? known : [...known, ...probes], context);
  return probes.then((answers) => limitedLook(target, living, [...known, ...answers], context));
}

const none: readonly never[] = [];

/** Judges a process that lives, its limits included. */
function limitedLook(
  target: Target<ProcessFields>,
  living: Subject,
  probes: readonly Probe[],
  context: CheckContext,
): Look {
  return livingLook(target, withLimits(target.spec, living, context), probes, context);
}

/** Whether copies are kept, or are left of a config that had them. */
function hasCopies(target: Target<ProcessFields>, context: CheckContext): boolean {
  const { run, match, pidFile, port, instances } = target.spec;
  if (run === undefined || (match ?? pidFile ?? port) !== undefined) return false;
  return instances !== undefined || livingSurplus(target, context).length > 0;
}

function livingLook(
  target: Target<ProcessFields>,
  subject: Subject,
  probes: readonly Probe[],
  context: CheckContext,
): Look {
  const { spec } = target;
  const age = Math.max(0, context.now() - subject.startedAt);
  const findings = findingsOf(subject, probes);
  const troubles = troublesOf(findings, subject, probes);
  const pid = subject.identity?.pid;
  const seen = { metrics: metricsOf(subject, probes, age), ...(pid === undefined ? {} : { pid }) };
  if (troubles.length > 0) {
    const message = [...troubles, ...stateOf(subject)].join("; ");
    if (age < spec.startGrace) {
      return {
        ...seen,
        status: "unknown",
        findings: [],
        message: `starting: ${message}`,
        state: "starting",
        verified: false,
      };
    }
    const status = findings.length === 0 ? "unknown" : statusOf(findings);
    const state = findings.length === 0 ? "running" : "unhealthy";
    return { ...seen, status, findings, message, state, verified: false };
  }
  const verified =
    probes.length > 0 ? probes.every((probe) => probe.verified) : age >= (spec.stableFor ?? defaultStableFor);
  // What has not shown yet that it works meets no need: dependants are not started on the strength of it.
  const starting = !verified && age < spec.startGrace;
  return {
    ...seen,
    status: starting ? "unknown" : "ok",
    findings: [],
    message: fineMessage(subject, probes, { verified, age }),
    state: starting ? "starting" : "running",
    verified,
    ...(verified ? {} : { verifyWithin: longestProof(spec) }),
  };
}

/** Of most processes nothing is asked but that they live, and thousands may be looked at in a tick: for them no list is made. */
function findingsOf(subject: Subject, probes: readonly Probe[]): readonly Finding[] {
  if (probes.length === 0 && subject.findings === undefined && subject.stat?.state !== "T") return none;
  return [
    ...stopped(subject),
    ...(subject.findings ?? []),
    ...probes.flatMap((probe) => probe.finding ?? []),
  ];
}

function troublesOf(
  findings: readonly Finding[],
  { cannotTell }: Subject,
  probes: readonly Probe[],
): readonly string[] {
  if (findings.length === 0 && probes.length === 0 && cannotTell === undefined) return none;
  return [
    ...findings.map((finding) => finding.message),
    ...probes.flatMap((probe) => probe.cannotTell ?? []),
    ...(cannotTell === undefined ? [] : [cannotTell]),
  ];
}

/** How long a living process may take to show that it works: as long as it may take between two writes. */
function longestProof({ output, heartbeat }: ProcessFields): number {
  return Math.max(0, output?.maxAge ?? 0, heartbeat?.maxAge ?? 0);
}

/** Stopped by a signal (T). One that a debugger holds (t) is in somebody's hands, and one in the kernel (D) cannot be cured. */
function stopped({ identity, stat }: Subject): Finding[] {
  if (stat?.state !== "T") return [];
  const evidence = { pid: identity?.pid ?? null, processState: stat.state };
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

/** States that a person should know of, and no cure ends. */
function stateOf({ stat }: Subject): string[] {
  if (stat?.state === "D") return ["waiting in the kernel (state D)"];
  return stat?.state === "t" ? ["held by a debugger (state t)"] : [];
}

function fineMessage(
  subject: Subject,
  probes: readonly Probe[],
  shown: { verified: boolean; age: number },
): string {
  const plain = probes.length === 0 && subject.said === undefined && subject.others === 0;
  if (plain && shown.verified && subject.stat?.state === "S") return "running";
  const parts = [shown.verified ? "running" : `alive for ${formatDuration(shown.age)}, not yet seen to work`];
  if (subject.said !== undefined) parts.push(subject.said);
  parts.push(...probes.flatMap((probe) => probe.said ?? []), ...stateOf(subject));
  if (subject.others > 0) parts.push(`${subject.others} more found`);
  return parts.join(", ");
}

/** `rss` in bytes, `cpu` in seconds used, `uptime` in seconds, `latencyMs` of the health address; `treeRss` and `treeCpu` with limits. */
function metricsOf(subject: Subject, probes: readonly Probe[], age: number): Look["metrics"] {
  const { stat } = subject;
  const uptime = Math.round(age / 100) / 10;
  const own = stat === undefined ? { uptime } : { rss: rssOf(stat), cpu: cpuSecondsOf(stat), uptime };
  if (probes.length === 0 && subject.metrics === undefined) return own;
  return Object.assign({}, own, subject.metrics, ...probes.map((probe) => probe.metrics));
}
