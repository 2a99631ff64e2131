import { readFileSync, realpathSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import { type ConfigSpec, configFormat, faultsOf, type WrongField } from "../checks/config.ts";
import { namesOf } from "../checks/config-field.ts";
import { HealqError } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import type { Target } from "../model/target.ts";
import { editConfig, newConfig } from "../system/config-edit.ts";
import type { ConfigEdit } from "../system/config-value.ts";
import { foreignLink } from "../system/foreign-link.ts";
import { createFiles, isFileError } from "../system/remote-stat.ts";
import { backUp, replaceFile } from "../system/replace-file.ts";
import { newFileSteps } from "./new-file.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({});

/** A larger file is no file of settings; a person edits it. Bytes. */
const sizeLimit = 1024 * 1024;

/**
 * Writes the declared defaults where fields of a config file are missing or wrong, and changes nothing else of it; makes a missing
 * file. All or nothing: with one wrong field that has no default the file is left as it is. A syntax error is never repaired.
 */
export const patch = defineRemedy<z.output<typeof schema>>({
  remedy: "patch",
  summary: "writes the defaults of missing or wrong fields, after a backup",
  schema,
  kinds: ["config"],
  cures: true,
  misfit: ({ spec }) =>
    Object.values((spec as ConfigSpec).fields).some((rule) => rule.default !== undefined)
      ? undefined
      : "patch needs a default: on at least one of the fields",
  plan: async (context) => linesOf(await stepsOf(context)),
  apply: async (context) => takeSteps(await stepsOf(context), context),
});

/** It looks again itself: what an earlier look saw may be mended, or worse. */
async function stepsOf({ target, signal }: RemedyContext): Promise<CureStep[]> {
  signal.throwIfAborted();
  // The remedy fits this kind alone, so the spec is one of its schema.
  const { spec, base } = target as Target<ConfigSpec>;
  const path = resolve(base, spec.path);
  const link = foreignLink(path);
  if (link !== undefined) refuse(`as root healq writes through no link of somebody else: ${link}`);
  const faults = await wrongFields(spec, path, signal);
  if (faults === "missing file") return newFileSteps(path, await fromDefaults(spec));
  if (faults.length === 0)
    return [{ line: `${path} is as wanted: leave it as it is`, act: async () => ({ path }) }];
  const real = realpathSync(path);
  const from = readFileSync(real);
  if (from.length > sizeLimit) refuse(`${path} is larger than 1 MiB, and is left to a person`);
  const edits = faults.map(editOf);
  const edited = await editConfig(textOf(from), configFormat(spec), edits);
  if ("problem" in edited) refuse(`${path} ${edited.problem}; set by hand: ${edits.map(shown).join(", ")}`);
  const bom = from.subarray(0, 3).equals(byteOrderMark) ? byteOrderMark : Buffer.alloc(0);
  const to = Buffer.concat([bom, Buffer.from(edited.text)]);
  return writeSteps(real, { from, to }, edits);
}

const byteOrderMark = Buffer.from([0xef, 0xbb, 0xbf]);

/** Without the byte order mark. */
function textOf(bytes: Buffer): string {
  return new TextDecoder("utf-8").decode(bytes);
}

function writeSteps(
  path: string,
  change: { readonly from: Buffer; readonly to: Buffer },
  edits: readonly ConfigEdit[],
): CureStep[] {
  return [
    {
      line: `copy ${path} to a backup beside it, with the time in its name`,
      act: async () => ({ backup: backUp(path, change.from, Date.now()) }),
    },
    {
      line: `set in ${path}: ${edits.map(shown).join(", ")}`,
      act: async () => {
        replaceFile(path, change);
        return { path, set: edits.map(({ names }) => names.join(".")) };
      },
    },
  ];
}

async function wrongFields(
  spec: ConfigSpec,
  path: string,
  signal: AbortSignal,
): Promise<readonly WrongField[] | "missing file"> {
  const files = createFiles();
  try {
    const fields = Object.keys(spec.fields).map(namesOf);
    const answer = await files.values(path, { format: configFormat(spec), fields }, signal);
    signal.throwIfAborted();
    if (isFileError(answer)) {
      if (answer.error === "ENOENT") return "missing file";
      return refuse(`${path} cannot be read: ${answer.message}`);
    }
    if ("problem" in answer)
      return refuse(
        `${path} ${answer.problem}: that is never repaired; mend it by hand, or put a backup back`,
      );
    return faultsOf(spec, answer.values).faults;
  } finally {
    files.close();
  }
}

async function fromDefaults({ fields, ...spec }: ConfigSpec): Promise<string> {
  const wanted = Object.entries(fields).filter(([, rule]) => !rule.optional);
  const edits = wanted.map(([field, rule]) => editOf({ field, rule, said: "is missing" }));
  const made = await newConfig(configFormat(spec), edits);
  return "problem" in made
    ? refuse(`${spec.path} cannot be made of the defaults: it ${made.problem}`)
    : made.text;
}

function editOf({ field, rule, said }: Pick<WrongField, "field" | "rule" | "said">): ConfigEdit {
  const value = rule.default ?? refuse(`nothing was changed: ${field} ${said} and has no default`);
  return { names: namesOf(field), value };
}

function shown({ names, value }: ConfigEdit): string {
  return `${names.join(".")} = ${JSON.stringify(value)}`;
}

function refuse(message: string): never {
  throw new HealqError("patch", message);
}
