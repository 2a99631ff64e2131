import * as z from "zod";
import type { CleanSpec } from "../checks/clean-rules.ts";
import { formatSize } from "../lib/size.ts";
import { HealqError, messageOf } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { filesInUse } from "../system/open-files.ts";
import { archiveTo } from "./clean-archive.ts";
import { type Choice, chooseFiles } from "./clean-choose.ts";
import { deleteFile } from "./clean-delete.ts";
import type { Found } from "./clean-find.ts";
import { runCommand } from "./run-command.ts";
import { shownArgv } from "./shown-argv.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";
import { toldOf } from "./told.ts";

const schema = z.strictObject({});

/** Whether to go on is asked after so many deletions. */
const atOnce = 100;

/** The audit has so many paths at most. */
const pathsTold = 20;

/** Deletes the files that the target's `rules` name, and nothing else. */
export const clean = defineRemedy<z.output<typeof schema>>({
  remedy: "clean",
  summary: "deletes old files by the target's rules, archived first if wished",
  schema,
  kinds: ["disk"],
  cures: true,
  misfit: ({ spec }) =>
    rulesOf(spec).rules.length > 0
      ? undefined
      : "clean needs to be told what it may delete: rules: [{ path: /var/log/app/*.log.*, olderThan: 7d, keep: 3 }] on the target",
  plan: async (context) => linesOf(await stepsOf(context)),
  apply: async (context) => takeSteps(await stepsOf(context), context),
});

/** They were parsed by the kind's own schema. */
function rulesOf(spec: unknown): CleanSpec {
  return spec as CleanSpec;
}

async function stepsOf(context: RemedyContext): Promise<CureStep[]> {
  const spec = rulesOf(context.target.spec);
  const choice = await chooseFiles(spec, { now: Date.now(), signal: context.signal });
  const { files, left, blind } = choice;
  const note = { line: blindLine, act: async () => undefined };
  if (files.length === 0) return [...(blind ? [note] : []), nothingStep(choice)];
  const tally: Tally = { deleted: [], bytes: 0, left: [], isOpen: () => false };
  return [
    ...(blind ? [note] : []),
    ...(spec.archive === undefined ? [] : [archiveStep(context, { spec, files, tally })]),
    ...files.map((file, index) => deleteStep({ file, index, files, left, tally })),
  ];
}

const blindLine = "leave files of other users: healq is not root and cannot see whether they are open";

function nothingStep({ left }: Choice): CureStep {
  const stay = Object.entries(left).flatMap(([why, count]) =>
    count > 0 ? [`${count} ${meanings[why]}`] : [],
  );
  return {
    line: `delete nothing: no file is as the rules want it${stay.length === 0 ? "" : `; ${stay.join(", ")}`}`,
    act: async () => ({ files: 0, bytes: 0, left }),
  };
}

const meanings: Readonly<Record<string, string>> = {
  open: "open",
  linked: "with other names",
  others: "of other users",
  over: "larger than maxSize",
};

/** What the steps of one application came to. */
interface Tally {
  readonly deleted: string[];
  bytes: number;
  readonly left: string[];
  isOpen: (file: Found) => boolean;
}

/** All of them, before the first is deleted; whatever goes wrong here ends the cure. */
function archiveStep(
  context: RemedyContext,
  { spec, files, tally }: { spec: CleanSpec; files: readonly Found[]; tally: Tally },
): CureStep {
  const { archive } = spec;
  const what = `${files.length === 1 ? "1 file" : `${files.length} files`} (${formatSize(sizeOf(files))})`;
  const where =
    archive !== undefined && "folder" in archive
      ? `in a new .tar.gz in ${shown(archive.folder)}`
      : `by ${shownArgv(archive?.run ?? [""])}`;
  return {
    line: `archive ${what} ${where}`,
    isHalf: true,
    act: async () => {
      try {
        const kept = await keep(context, spec, files);
        // It may have taken long.
        const inUse = await filesInUse(context.signal);
        tally.isOpen = (file) => inUse.has(file);
        return kept;
      } catch (error) {
        context.signal.throwIfAborted();
        throw new HealqError(
          "clean",
          `nothing was deleted, because it could not be archived: ${messageOf(error)}`,
          {
            cause: error,
          },
        );
      }
    },
  };
}

async function keep(
  { target, finding, signal }: RemedyContext,
  { archive }: CleanSpec,
  files: readonly Found[],
): Promise<Readonly<Record<string, unknown>>> {
  if (archive === undefined) return {};
  if ("folder" in archive) return archiveTo(archive.folder, files, { name: target.id, signal });
  const input = files.map(({ path }) => `${path}\0`).join("");
  const { run, timeout } = archive;
  const command = { argv: run, base: target.base, input, timeout, signal };
  const output = await runCommand({ ...command, told: toldOf(target, finding) });
  return output.length === 0 ? {} : { output };
}

function deleteStep(of: {
  file: Found;
  index: number;
  files: readonly Found[];
  left: Choice["left"];
  tally: Tally;
}): CureStep {
  const { file, index, files, left, tally } = of;
  const written = new Date(Number(file.mtimeNs / 1_000_000n)).toISOString();
  return {
    line: `delete ${shown(file.path)} (${formatSize(file.bytes)}, last written ${written})`,
    isHalf: (index + 1) % atOnce === 0,
    act: async () => {
      const why = tally.isOpen(file) ? "it was opened meanwhile" : await deleteFile(file);
      if (why === undefined) {
        tally.bytes += file.bytes;
        tally.deleted.push(file.path);
      } else tally.left.push(`${shown(file.path)}: ${why}`);
      if (index === files.length - 1 && tally.deleted.length === 0)
        throw new HealqError("clean", `nothing could be deleted; ${tally.left[0]}`);
      return detailsOf(tally, left);
    },
  };
}

function detailsOf(
  { deleted, bytes, left }: Tally,
  stayed: Choice["left"],
): Readonly<Record<string, unknown>> {
  const changed = left.length === 0 ? {} : { notDeleted: left.slice(0, pathsTold) };
  return {
    files: deleted.length,
    bytes,
    deleted: deleted.slice(0, pathsTold).map(shown),
    left: stayed,
    ...changed,
  };
}

function sizeOf(files: readonly Found[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes, 0);
}

/** On one line, whatever is in the name. */
function shown(path: string): string {
  return /^[\w./:@%+,~-]+$/.test(path) ? path : JSON.stringify(path);
}
