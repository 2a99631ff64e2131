import { resolve } from "node:path";
import * as z from "zod";
import { share } from "../lib/fields.ts";
import { plain } from "../lib/plain.ts";
import { formatSize } from "../lib/size.ts";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { FileError, SpaceFacts } from "../model/ports.ts";
import type { Target } from "../model/target.ts";
import { type Deleted, deletedButOpen } from "../system/open-files.ts";
import { isFileError } from "../system/remote-stat.ts";
import { cleanFields } from "./clean-rules.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { percent } from "./stalled.ts";

const schema = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe("A file or folder on the file system that is watched; relative to the config file."),
  warning: share()
    .optional()
    .describe("A warning from this used share on, as df counts it. Default: 85%, if that is below `full`."),
  full: share().prefault("95%").describe("Critical from this used share on. Default: 95%."),
  inodes: share().prefault("90%").describe("Critical from this used share of inodes on. Default: 90%."),
  ...cleanFields,
});

/** The fields of a `disk` target, as parsed. */
type DiskSpec = z.output<typeof schema>;

/** A file system that must have room. */
export const disk = defineKind<DiskSpec>({
  kind: "disk",
  summary: "a file system: room and inodes left, and who holds deleted files open",
  schema,
  symptoms: {
    "disk.warning": "it is used from `warning` on",
    "disk.full": "it is used from `full` on",
    "disk.inodes": "it has few inodes left: no more files can be made, though there may be room",
  },
  network: false,
  references: () => [],
  defaultLadder: () => ["clean"],
  problems: ({ warning, full }) =>
    warning === undefined || warning <= full
      ? []
      : [{ path: ["warning"], message: `is above \`full\` (${percent(full)}), and so would never be given` }],
  observe,
});

/** A local one that is well is over at once: one call. Who holds deleted files is only asked when it is not. */
function observe(target: Target<DiskSpec>, context: CheckContext): Promise<Look> | Look {
  const path = resolve(target.base, target.spec.path);
  const space = context.files.space(path, context);
  const judge = (found: SpaceFacts | FileError) =>
    isFileError(found)
      ? couldNotTell(`${target.spec.path} cannot be looked at: ${reasons[found.error] ?? found.error}`)
      : lookAt(target.spec, { path, room: roomOf(found) }, context);
  return space instanceof Promise ? space.then(judge) : judge(space);
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EHUNG: "its file system does not answer",
  ENOENT: "there is no such file or folder",
};

/** Shares from 0 to 1; sizes in bytes. */
interface Room {
  readonly used: number;
  readonly free: number;
  readonly size: number;
  readonly inodesUsed?: number;
}

/** As df counts: what only root may still use is neither used nor free. Some file systems have no fixed number of inodes. */
function roomOf({ blockSize, blocks, free, available, inodes, freeInodes }: SpaceFacts): Room {
  const used = blocks - free;
  const usable = used + available;
  return {
    used: usable > 0 ? used / usable : Number.NaN,
    free: available * blockSize,
    size: blocks * blockSize,
    ...(inodes > 0 ? { inodesUsed: (inodes - freeInodes) / inodes } : {}),
  };
}

function lookAt(
  spec: DiskSpec,
  { path, room }: { path: string; room: Room },
  context: CheckContext,
): Promise<Look> | Look {
  if (Number.isNaN(room.used)) return couldNotTell(`${spec.path} is on a file system that has no size`);
  const metrics = {
    usedShare: rounded(room.used),
    free: room.free,
    ...(room.inodesUsed === undefined ? {} : { inodesShare: rounded(room.inodesUsed) }),
  };
  const findings = faultsOf(spec, room);
  const fine = `${percent(room.used)} used, ${formatSize(room.free)} free`;
  if (findings.length === 0) return lookOf({ findings, metrics, fine });
  return withHolders(findings, path, context).then((told) => lookOf({ findings: told, metrics, fine }));
}

/** Measured, not inferred; but a warning is only early, so it waits as others do. */
function faultsOf(spec: DiskSpec, room: Room): Finding[] {
  const { used, inodesUsed = 0 } = room;
  const evidence = { ...room };
  const { full, warning = 0.85 } = spec;
  const isFull = used >= full;
  const left = `${formatSize(room.free)} free`;
  const space = `${spec.path} is ${percent(used)} used (${isFull ? "full" : "a warning"} from ${percent(isFull ? full : warning)} on), ${left}`;
  const inodes = `${spec.path} has ${percent(inodesUsed)} of its inodes used (few left from ${percent(spec.inodes)} on)`;
  return [
    ...(isFull ? [critical("disk.full", space, evidence)] : []),
    ...(!isFull && used >= warning
      ? [{ ...critical("disk.warning", space, evidence), severity: "warning" as const, fact: false }]
      : []),
    ...(room.inodesUsed !== undefined && inodesUsed >= spec.inodes
      ? [critical("disk.inodes", inodes, evidence)]
      : []),
  ];
}

function critical(symptom: string, message: string, evidence: Finding["evidence"]): Finding {
  return { symptom, severity: "critical", fact: true, message, evidence };
}

/** What cleaning cannot give back: files that were deleted and are still open. Left out when the time is over. */
async function withHolders(
  findings: readonly Finding[],
  path: string,
  context: CheckContext,
): Promise<readonly Finding[]> {
  const found = context.files.stat(path, context);
  // On a network mount the holders may be on other machines.
  if (found instanceof Promise || isFileError(found)) return findings;
  const device = Number(found.inode.split(":")[0]);
  const deleted = await deletedButOpen(device, context.signal).catch(() => []);
  const bytes = deleted.reduce((sum, each) => sum + each.bytes, 0);
  if (deleted.length === 0) return findings;
  const largest = deleted.slice(0, 5).map((each) => ({ ...each, path: plain(each.path) }));
  return findings.map((finding) => ({
    ...finding,
    message: `${finding.message}; ${formatSize(bytes)} in deleted files that are still open (${holders(deleted)})`,
    evidence: { ...finding.evidence, deletedButOpen: { bytes, largest } },
  }));
}

function holders(deleted: readonly Deleted[]): string {
  const pids = [...new Set(deleted.map(({ pid }) => pid))];
  const shown = pids.slice(0, 3).join(", ");
  const more = pids.length > 3 ? ` and ${pids.length - 3} more` : "";
  return `${pids.length === 1 ? "pid" : "pids"} ${shown}${more}`;
}

function rounded(share: number): number {
  return Math.round(share * 10_000) / 10_000;
}
