import { resolve } from "node:path";
import { formatSize } from "../lib/size.ts";
import { lastCure } from "../model/cured.ts";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { FileError, FileFacts, LogLines } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { isFileError } from "../system/remote-stat.ts";
import { mayInstall } from "./install-field.ts";
import { presetSymptoms } from "./log-presets.ts";
import { type LogSpec, logProblems, logSchema, patternsOf, type WantedPattern } from "./log-spec.ts";
import { keepLog, type LogState, newCure, newLog, recallLog, withLines } from "./log-state.ts";
import { couldNotTell, lookOf } from "./looks.ts";

/** New lines of a log that tell of a fault. A line is an event: it is bad until nothing told of it for a while, or until it was cured. */
export const log = defineKind<LogSpec>({
  kind: "log",
  summary: "a log: new lines that tell of a fault",
  schema: logSchema,
  symptoms: presetSymptoms,
  ownSymptoms: ({ patterns }) =>
    Object.fromEntries(
      Object.keys(patterns).map((name) => [`log.${name}`, `a line matches the pattern ${name}`]),
    ),
  network: false,
  references: ({ target }) => (target === undefined ? [] : [target]),
  defaultLadder: ({ target, allow }) => {
    const restart = target === undefined ? [] : ["target"];
    const make = [
      ...(Object.keys(allow.create).length > 0 ? ["create"] : []),
      ...(allow.mkdir.length > 0 ? ["mkdir"] : []),
    ];
    return {
      "log.missing-module": mayInstall(allow.install) ? ["install"] : [],
      "log.missing-path": make,
      "log.connection": restart,
      "log.timeout": restart,
      "log.out-of-memory": restart,
      "log.exit": restart,
    };
  },
  problems: logProblems,
  observe,
});

/** Where nothing was written since the last look, it is over at once: no promise. */
function observe(target: Target<LogSpec>, context: CheckContext): Promise<Look> | Look {
  const path = resolve(target.base, target.spec.path);
  const facts = context.files.stat(path, context);
  return facts instanceof Promise
    ? facts.then((found) => lookAt(target, found, context))
    : lookAt(target, facts, context);
}

function lookAt(
  target: Target<LogSpec>,
  facts: FileFacts | FileError,
  context: CheckContext,
): Promise<Look> | Look {
  const { spec } = target;
  const { memory } = context;
  const state = recallLog(memory);
  if (isFileError(facts)) return withoutFile(target, { state, facts }, context);
  if (facts.type !== "file") return couldNotTell(`${spec.path} is not a regular file`);
  const seen = [facts.inode, facts.size, facts.mtimeMs].join(" ");
  if (state === undefined) {
    const fresh = keepLog(memory, newLog({ file: facts.inode, offset: facts.size }, seen, memory));
    return judged(target, fresh, context);
  }
  const isRead = state.seen === seen && state.place.file === facts.inode && state.behind === 0;
  if (isRead && newCure(state, memory) === undefined) return judged(target, state, context);
  return readOn(target, { state, seen }, context);
}

/** A log that is not there yet is read from its start when it comes. What was told before is still so. */
function withoutFile(
  target: Target<LogSpec>,
  { state, facts }: { state: LogState | undefined; facts: FileError },
  context: CheckContext,
): Look {
  const { path } = target.spec;
  if (facts.error !== "ENOENT") return couldNotTell(`${path} cannot be looked at: ${facts.message}`);
  const known = state ?? keepLog(context.memory, newLog({ file: "", offset: 0 }, "", context.memory));
  const look = judged(target, known, context);
  return look.findings.length > 0 ? look : couldNotTell(`${path} is missing: nothing can be told from it`);
}

async function readOn(
  target: Target<LogSpec>,
  { state, seen }: { state: LogState; seen: string },
  context: CheckContext,
): Promise<Look> {
  const { spec, base } = target;
  const patterns = patternsOf(spec);
  const cure = newCure(state, context.memory);
  const asked = { place: state.place, patterns: patterns.map(({ name, match }) => ({ name, match })) };
  const lines = await context.files.lines(resolve(base, spec.path), asked, context.signal);
  if (isFileError(lines)) return couldNotTell(`${spec.path} cannot be read: ${lines.message}`);
  const read = { lines, seen, cure, notes: notesOn(lines) };
  const next = withLines(state, read, { patterns, now: context.now() });
  return judged(target, keepLog(context.memory, next), context);
}

function notesOn({ skipped, behind, slow }: LogLines): string[] {
  return [
    ...(behind > 0 ? [`${formatSize(behind)} behind`] : []),
    ...(skipped > 0 ? [`${formatSize(skipped)} left out, which was too much to catch up with`] : []),
    ...slow.map((name) => `the pattern ${name} takes too long on some lines, which were left out`),
  ];
}

function judged(target: Target<LogSpec>, state: LogState, context: CheckContext): Look {
  const { spec } = target;
  const now = context.now();
  const findings = patternsOf(spec).flatMap((pattern) => findingOf(spec, { state, pattern, now }));
  const fine = ["nothing bad was written lately", ...state.notes].join("; ");
  const look = lookOf({ findings, metrics: { behind: state.behind, findings: findings.length }, fine });
  const cure = lastCure(context.memory);
  if (cure?.symptom !== undefined && findings.length > 0)
    return { ...look, anotherFault: findings.every(({ symptom }) => symptom !== cure.symptom) };
  const age = cure === undefined ? spec.settle : now - cure.at;
  // A cure from the future (the clock was set back) waits no longer than any.
  if (age >= spec.settle || age < -spec.settle) return look;
  return { ...look, verified: false, verifyWithin: spec.settle + margin };
}

/** Looks that verify are up to a second apart, and each may take a moment. Milliseconds. */
const margin = 5_000;

function findingOf(
  spec: LogSpec,
  { state, pattern, now }: { state: LogState; pattern: WantedPattern; now: number },
): Finding[] {
  const told = state.told[pattern.name];
  if (told?.badAt === undefined || now - told.badAt >= spec.quiet) return [];
  const { line, lines, captures } = told;
  const often = lines > 1 ? ` (${lines} lines)` : "";
  const message = `${spec.path}: ${pattern.name}: ${line}${often}`;
  const evidence = { line, lines, ...(captures.length === 0 ? {} : { captures }) };
  return [{ symptom: `log.${pattern.name}`, severity: pattern.severity, fact: false, message, evidence }];
}
