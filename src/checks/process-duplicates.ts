import { copyName, instancesOf } from "../model/copies.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Target } from "../model/target.ts";
import { isAlive, listProcesses } from "../system/procfs.ts";
import { strangers } from "../system/strangers.ts";
import type { ProcessFields } from "./process-fields.ts";
import type { Living } from "./process-locate.ts";
import { defaultStop } from "./process-spec.ts";

/** A surplus copy is ended when healq comes up; it is told of when it lives for longer than its stop may take and so much more (milliseconds). */
const endedWithin = 5_000;

/** What runs beside the copies that are wanted: our own of an earlier config, and the same program started by somebody else. */
export function duplicates(
  target: Target<ProcessFields>,
  living: readonly Living[],
  context: CheckContext,
): Finding[] {
  return [...surplusFinding(target, context), ...strangersFinding(target, living, context)];
}

/** The numbers of the copies that live beyond the wanted ones. */
export function livingSurplus(target: Target<ProcessFields>, context: CheckContext): number[] {
  const written = context.shared.once("copies", () => context.processes.copies()).get(target.id) ?? [];
  return written.filter((copy) => {
    if (copy <= instancesOf(target.spec)) return false;
    const { identity } = context.processes.read(copyName(target.id, copy));
    return identity !== undefined && isAlive(identity) === "alive";
  });
}

function surplusFinding(target: Target<ProcessFields>, context: CheckContext): Finding[] {
  const surplus = livingSurplus(target, context);
  // Only this function writes the entry.
  const since = context.memory.get("surplus since") as number | undefined;
  if (surplus.length === 0) {
    if (since !== undefined) context.memory.set("surplus since", undefined);
    return [];
  }
  const now = performance.now();
  if (since === undefined) context.memory.set("surplus since", now);
  const { stop = defaultStop } = target.spec;
  const patience = Array.isArray(stop) ? defaultStop.timeout : stop.timeout;
  if (since === undefined || now - since < patience + endedWithin) return [];
  const names = surplus.map((copy) => copyName(target.id, copy));
  const message = `more copies run than wanted: ${names.join(", ")}; \`healq restart ${target.id}\` ends them`;
  return [duplicate(message, { surplus })];
}

/**
 * Only with `instances` given, since the same command line twice need not be a fault. Not before the copies have settled: nobody
 * here ends a stranger, so it would only make a cure that worked look like one that failed.
 */
function strangersFinding(
  { spec, policy }: Target<ProcessFields>,
  living: readonly Living[],
  context: CheckContext,
): Finding[] {
  if (spec.instances === undefined || living.length < spec.instances) return [];
  const youngest = Math.max(...living.map(({ startedAt }) => startedAt));
  if (context.now() - youngest < spec.startGrace + policy.probation) return [];
  const scan = context.shared.once("processes", listProcesses);
  const pids = strangers(
    living.map(({ identity }) => identity.pid),
    scan,
  );
  if (pids.length === 0) return [];
  const who = pids.length === 1 ? `pid ${pids[0]}` : `pids ${pids.slice(0, 10).join(", ")}`;
  const message = `the same program was also started by somebody else: ${who}; healq does not end what it did not start`;
  return [duplicate(message, { strangers: pids.slice(0, 10) })];
}

function duplicate(message: string, evidence: Finding["evidence"]): Finding {
  return { symptom: "process.duplicate", severity: "warning", fact: false, message, evidence };
}
