import { resolve } from "node:path";
import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import { duration, id, size } from "../lib/fields.ts";
import { formatSize } from "../lib/size.ts";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { FileError, FileFacts } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { isFileError } from "../system/remote-stat.ts";
import { type ContentLook, contentProblem } from "./file-content.ts";
import { lastGrowth } from "./file-growth.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { isInFuture } from "./patience.ts";

const schema = z.strictObject({
  path: z.string().min(1).describe("The file; relative to the config file. Links are followed."),
  maxAge: duration().optional().describe("Stale when it was last written longer ago than this."),
  minSize: size().optional().describe("Too small below this many bytes."),
  grows: duration()
    .optional()
    .describe(
      "Stale when it has not grown, or been rotated, for this long; counted from the first look of this healq.",
    ),
  format: z
    .enum(["json", "jsonl", "yaml"])
    .optional()
    .describe(
      "Its content must parse as this. At most 16 MiB are read: of jsonl the end, of a larger json or yaml nothing can be told.",
    ),
  producer: id()
    .optional()
    .describe("The target that writes it: curing a file that is not well is a heal of that target."),
  create: z
    .strictObject({ content: z.string().describe("What the new file holds.") })
    .optional()
    .describe("A missing file is created with this content."),
});

/** The fields of a `file` target, as parsed. */
type FileSpec = z.output<typeof schema>;

/** A file that must be there, be fresh, be large enough, and parse. Age is by mtime: ctime moves on chmod. */
export const file = defineKind<FileSpec>({
  kind: "file",
  summary: "a file: there, fresh, large enough, growing, well-formed",
  schema,
  symptoms: {
    "file.missing": "there is no such file",
    "file.stale": "it was not written, or did not grow, for too long; or its time is in the future",
    "file.small": "it has fewer bytes than minSize",
    "file.invalid": "its content does not parse, or it is no regular file",
  },
  network: false,
  references: (spec) => (spec.producer === undefined ? [] : [spec.producer]),
  defaultLadder: (spec) => {
    const producer = spec.producer === undefined ? [] : ["producer"];
    const missing = spec.create === undefined ? producer : ["create"];
    return {
      "file.missing": missing,
      "file.stale": producer,
      "file.small": producer,
      "file.invalid": producer,
    };
  },
  observe,
});

/** Local, and without a `format`, it is over at once: no promise. */
function observe(target: Target<FileSpec>, context: CheckContext): Promise<Look> | Look {
  const { spec } = target;
  const path = resolve(target.base, spec.path);
  const facts = context.files.stat(path, context);
  const judge = (found: FileFacts | FileError): Promise<Look> | Look => {
    if (isFileError(found)) return cannotStat(spec, found.error, path);
    const { format } = spec;
    if (format === undefined) return lookAt(spec, { path, facts: found, content: {} }, context);
    return contentProblem({ path, format, facts: found }, context).then((content) =>
      lookAt(spec, { path, facts: found, content }, context),
    );
  };
  return facts instanceof Promise ? facts.then(judge) : judge(facts);
}

function lookAt(
  spec: FileSpec,
  { path, facts, content }: { path: string; facts: FileFacts; content: ContentLook },
  context: CheckContext,
): Look {
  if (content.cannotTell !== undefined)
    return couldNotTell(`${spec.path} ${content.cannotTell}`, metricsOf(facts, context));
  const ageMs = context.now() - facts.mtimeMs;
  const findings = [
    ...staleness(spec, facts, context),
    ...smallness(spec, facts),
    ...(content.problem === undefined
      ? []
      : [finding("file.invalid", `${spec.path} ${content.problem}`, { path })]),
  ];
  const fine = `${formatSize(facts.size)}, written ${formatDuration(Math.max(0, ageMs))} ago`;
  return lookOf({ findings, metrics: metricsOf(facts, context), fine });
}

function cannotStat(spec: FileSpec, error: string, path: string): Look {
  if (error !== "ENOENT" && error !== "ENOTDIR")
    return couldNotTell(`${spec.path} cannot be looked at: ${reasons[error] ?? error}`);
  const missing: Finding = { ...finding("file.missing", `${spec.path} is missing`, { path }), fact: true };
  return lookOf({ findings: [missing], metrics: {}, fine: "" });
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EHUNG: "its file system does not answer",
  ELOOP: "its links go round in a circle",
  ENAMETOOLONG: "its name is too long",
};

function staleness(spec: FileSpec, facts: FileFacts, context: CheckContext): Finding[] {
  const now = context.now();
  const age = now - facts.mtimeMs;
  const evidence = () => ({ mtime: new Date(facts.mtimeMs).toISOString(), size: facts.size });
  const grewAt = spec.grows === undefined ? now : lastGrowth(facts, context);
  if (isInFuture(facts.mtimeMs, now)) {
    const message = `${spec.path} was written ${formatDuration(-age)} in the future: a clock is or was wrong`;
    return [{ ...finding("file.stale", message, evidence()), severity: "warning" }];
  }
  if (spec.maxAge !== undefined && age > spec.maxAge) {
    const message = `${spec.path} has not been written for ${formatDuration(age)} (at most ${formatDuration(spec.maxAge)})`;
    return [finding("file.stale", message, evidence())];
  }
  if (spec.grows !== undefined && now - grewAt > spec.grows) {
    const message = `${spec.path} has not grown for ${formatDuration(now - grewAt)} (at most ${formatDuration(spec.grows)})`;
    return [finding("file.stale", message, evidence())];
  }
  return [];
}

function smallness(spec: FileSpec, facts: FileFacts): Finding[] {
  if (spec.minSize === undefined) return [];
  if (facts.type === "folder") return [finding("file.invalid", `${spec.path} is a folder`, {})];
  if (facts.size >= spec.minSize) return [];
  const message = `${spec.path} has ${formatSize(facts.size)} (at least ${formatSize(spec.minSize)})`;
  return [finding("file.small", message, { size: facts.size, minSize: spec.minSize })];
}

function finding(symptom: string, message: string, evidence: Finding["evidence"]): Finding {
  return { symptom, severity: "critical", fact: false, message, evidence };
}

function metricsOf(facts: FileFacts, context: CheckContext): Look["metrics"] {
  return { size: facts.size, ageMs: Math.round(context.now() - facts.mtimeMs) };
}
