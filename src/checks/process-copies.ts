import { copyName, instancesOf } from "../model/copies.ts";
import { type Finding, statusOf } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { memoryPart } from "./memory-part.ts";
import { deathLook } from "./process-death.ts";
import { duplicates } from "./process-duplicates.ts";
import type { ProcessFields } from "./process-fields.ts";
import { type Gone, type Living, locateStarted } from "./process-locate.ts";
import { type Probe, probeAll } from "./process-probes.ts";

/** How one living process is judged. */
export type LookAtLiving = (
  target: Target<ProcessFields>,
  living: Living,
  probes: readonly Probe[],
  context: CheckContext,
) => Look;

/** One copy and what was seen of it. */
interface Copy {
  readonly number: number;
  readonly where: Living | Gone;
  readonly look: Look;
}

/** A message names at most so many copies that are not well. */
const namedAtMost = 5;

/**
 * One look at all copies of a target that healq starts. `health`, `output` and `heartbeat` are the target's: they are asked once, and
 * count from the start of the copy that has run longest, or one that crashes in a loop would hide that nothing is written.
 */
export function copiesLook(
  target: Target<ProcessFields>,
  context: CheckContext,
  lookAt: LookAtLiving,
): Look | Promise<Look> {
  const places = Array.from({ length: instancesOf(target.spec) }, (_, i) => place(target.id, i + 1, context));
  const living = places.filter((where) => where.found === "alive");
  const [oldest] = [...living].sort((a, b) => a.startedAt - b.startedAt);
  const judge = (probes: readonly Probe[]): Look => {
    const copies = places.map((where, i): Copy => {
      const own = contextOfCopy(context, i + 1);
      const look =
        where.found === "gone"
          ? deathLook(target.spec, where, own)
          : lookAt(target, where, where === oldest ? probes : [], own);
      return { number: i + 1, where, look };
    });
    return together(copies, { probes, more: duplicates(target, living, context) });
  };
  const probes = oldest === undefined ? [] : probeAll(target, oldest.startedAt, context);
  return Array.isArray(probes) ? judge(probes) : probes.then(judge);
}

/** Where a copy is. What the target waits for at its start is written down with the first copy alone. */
function place(id: string, copy: number, context: CheckContext): Living | Gone {
  const where = locateStarted(copyName(id, copy), context);
  const { waitsFor } = context.processes.read(id);
  if (where.found === "alive" || waitsFor === undefined) return where;
  return { ...where, record: { ...where.record, waitsFor } };
}

/** The same with a memory of its own. */
function contextOfCopy(context: CheckContext, copy: number): CheckContext {
  return {
    ...context,
    // Made when it is first asked for, and so no part of what is spread.
    get signal() {
      return context.signal;
    },
    memory: memoryPart(context.memory, (key) => `${key}@${copy}`),
  };
}

function together(
  copies: readonly Copy[],
  { probes, more }: { probes: readonly Probe[]; more: readonly Finding[] },
): Look {
  const ofAll = new Set(probes.map(({ finding }) => finding));
  const dead = copies.filter(({ where, look }) => where.found === "gone" && look.findings.length > 0);
  const findings = [
    ...(dead.length > 0 ? [deadFinding(dead, copies)] : []),
    ...findingsOfLiving(copies, ofAll),
    ...copies.flatMap(({ look }) => look.findings.filter((finding) => ofAll.has(finding))),
    ...more,
  ];
  const pending = copies.find(({ look }) => look.status === "unknown");
  const [leader] = copies.flatMap(({ where }) => (where.found === "alive" ? [where.identity.pid] : []));
  const verifyWithin = Math.max(0, ...copies.map(({ look }) => look.verifyWithin ?? 0));
  const seen = {
    metrics: metricsOf(copies),
    verified: findings.length === 0 && copies.every(({ look }) => look.verified !== false),
    ...(leader === undefined ? {} : { pid: leader }),
    ...(verifyWithin > 0 && { verifyWithin }),
  };
  if (findings.length > 0) {
    const message = findings.map((finding) => finding.message).join("; ");
    const state = dead[0] === undefined ? livingState(copies) : (dead[0].look.state ?? "crashed");
    return { ...seen, status: statusOf(findings), findings, message, state };
  }
  const message = fineMessage(copies, pending, probes);
  return { ...seen, status: pending?.look.status ?? "ok", findings, message, state: livingState(copies) };
}

/** Some run: the target goes on with less, and still meets needs. None runs: critical. */
function deadFinding(dead: readonly Copy[], copies: readonly Copy[]): Finding {
  const [first] = dead.flatMap(({ look }) => look.findings);
  const running = copies.filter(({ where }) => where.found === "alive").length;
  const same =
    dead.length === copies.length && dead.every(({ look }) => look.message === dead[0]?.look.message);
  const message = same
    ? (dead[0]?.look.message ?? "")
    : `${running} of ${copies.length} run: ${listed(dead.map(({ number, look }) => `copy ${number} ${look.message}`))}`;
  return {
    symptom: first?.symptom ?? "process.dead",
    severity: running > 0 ? "warning" : "critical",
    fact: true,
    message,
    evidence: { ...first?.evidence, copies: dead.map(({ number }) => number) },
  };
}

/** What is wrong with single copies that live, one finding for each symptom. */
function findingsOfLiving(copies: readonly Copy[], ofAll: ReadonlySet<Finding | undefined>): Finding[] {
  const bySymptom = new Map<string, { number: number; finding: Finding }[]>();
  for (const { number, where, look } of copies) {
    for (const finding of where.found === "alive" ? look.findings : []) {
      if (ofAll.has(finding)) continue;
      bySymptom.set(finding.symptom, [...(bySymptom.get(finding.symptom) ?? []), { number, finding }]);
    }
  }
  return [...bySymptom.values()].flatMap((all) => {
    const [first] = all;
    if (first === undefined) return [];
    const said = all.map(({ number, finding }) =>
      copies.length > 1 ? `copy ${number}: ${finding.message}` : finding.message,
    );
    const critical = all.some(({ finding }) => finding.severity === "critical");
    return [
      {
        ...first.finding,
        severity: critical ? ("critical" as const) : ("warning" as const),
        fact: all.some(({ finding }) => finding.fact),
        message: listed(said),
        evidence: { ...first.finding.evidence, copies: all.map(({ number }) => number) },
      },
    ];
  });
}

function listed(texts: readonly string[]): string {
  const more = texts.length - namedAtMost;
  return [...texts.slice(0, namedAtMost), ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

function livingState(copies: readonly Copy[]): NonNullable<Look["state"]> {
  const states = copies.map(({ look }) => look.state);
  return (
    (["unhealthy", "starting", "running"] as const).find((state) => states.includes(state)) ??
    states.find((state) => state !== undefined) ??
    "running"
  );
}

function fineMessage(copies: readonly Copy[], pending: Copy | undefined, probes: readonly Probe[]): string {
  if (copies.length === 1) return copies[0]?.look.message ?? "";
  const running = copies.filter(({ where }) => where.found === "alive").length;
  if (pending !== undefined) {
    const same = copies.every(({ look }) => look.message === pending.look.message);
    return same
      ? pending.look.message
      : `${running} of ${copies.length} run: copy ${pending.number} ${pending.look.message}`;
  }
  const finished = copies.length - running;
  const parts = finished > 0 ? [`${running} running`, `${finished} finished`] : [`${running} running`];
  return [...parts, ...probes.flatMap(({ said }) => said ?? [])].join(", ");
}

const summed = new Set(["rss", "cpu", "treeRss", "treeCpu"]);

/** Memory and processor time of all together, the uptime of the youngest, and how many `instances` run. */
function metricsOf(copies: readonly Copy[]): Look["metrics"] {
  const all: Record<string, number> = { instances: 0 };
  for (const { where, look } of copies) {
    if (where.found !== "alive") continue;
    all.instances = (all.instances ?? 0) + 1;
    for (const [name, value] of Object.entries(look.metrics)) {
      const before = all[name];
      if (before === undefined) all[name] = value;
      else if (summed.has(name)) all[name] = before + value;
      else all[name] = Math.min(before, value);
    }
  }
  return all;
}
