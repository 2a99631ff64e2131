import type { CleanSpec } from "../checks/clean-rules.ts";
import { filesInUse, type InUse } from "../system/open-files.ts";
import { type Found, findFiles } from "./clean-find.ts";

/** Why files that are old enough stay, and how many. */
export interface Left {
  /** Somebody has them open. */
  readonly open: number;
  /** They have other names: to remove one would give no room. */
  readonly linked: number;
  /** They are another user's, and healq, which is not root, cannot see whether they are open. */
  readonly others: number;
  /** They would be more than `maxFiles` or `maxSize`. */
  readonly over: number;
}

/** What is to be deleted, the oldest first. */
export interface Choice {
  readonly files: readonly Found[];
  readonly left: Left;
  /** There are processes whose open files healq may not see. */
  readonly blind: boolean;
}

/** Chooses by the rules alone, so that a plan and the cure that follows it choose the same files. */
export async function chooseFiles(
  spec: CleanSpec,
  { now, signal }: { now: number; signal: AbortSignal },
): Promise<Choice> {
  signal.throwIfAborted();
  const old = await oldFiles(spec, now, signal);
  const inUse = await filesInUse(signal);
  const left = { open: 0, linked: 0, others: 0, over: 0 };
  const files: Found[] = [];
  let bytes = 0;
  for (const file of old) {
    const why = reasonToStay(file, inUse);
    const over = files.length >= spec.maxFiles || bytes + file.bytes > spec.maxSize;
    if (why !== undefined) left[why] += 1;
    else if (over) left.over += 1;
    else {
      files.push(file);
      bytes += file.bytes;
    }
  }
  return { files, left, blind: inUse.unseen > 0 };
}

/** Why a file that is old enough stays all the same; undefined when it need not. */
export function reasonToStay(
  file: Pick<Found, "dev" | "ino" | "name" | "links" | "uid">,
  inUse: InUse,
): "open" | "linked" | "others" | undefined {
  if (inUse.has(file)) return "open";
  if (file.links > 1) return "linked";
  return inUse.unseen > 0 && file.uid !== process.geteuid?.() ? "others" : undefined;
}

/** What fits a rule in its pattern and its age, and is not among the newest that any rule keeps; the oldest first. */
async function oldFiles({ rules }: CleanSpec, now: number, signal: AbortSignal): Promise<Found[]> {
  const old = new Map<string, Found>();
  const kept = new Set<string>();
  for (const { path, olderThan, keep } of rules) {
    for (const folder of byFolder(await findFiles(path, signal))) {
      folder.sort(newestFirst);
      for (const [index, file] of folder.entries()) {
        if (index < keep) kept.add(file.path);
        else if (now - Number(file.mtimeNs / 1_000_000n) > olderThan) old.set(file.path, file);
      }
    }
  }
  return [...old.values()].filter(({ path }) => !kept.has(path)).sort((a, b) => newestFirst(b, a));
}

function byFolder(files: readonly Found[]): Found[][] {
  const folders = new Map<string, Found[]>();
  for (const file of files) {
    const folder = file.path.slice(0, -file.name.length);
    const others = folders.get(folder);
    if (others === undefined) folders.set(folder, [file]);
    else others.push(file);
  }
  return [...folders.values()];
}

/** By time, and by path where that is the same: always the same order. */
function newestFirst(a: Found, b: Found): number {
  if (a.mtimeNs !== b.mtimeNs) return a.mtimeNs > b.mtimeNs ? -1 : 1;
  return a.path < b.path ? 1 : -1;
}
