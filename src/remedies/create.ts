import { existsSync } from "node:fs";
import { resolve } from "node:path";
import * as z from "zod";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { captured } from "./captured.ts";
import { newFileSteps } from "./new-file.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({});

const misfits: Readonly<Record<string, string>> = {
  file: "create needs the content: create: { content: … } on the target",
  log: 'create needs the files that it may make: allow: { create: { state.json: "{}" } }',
};

const specSchema = z.looseObject({ path: z.string(), create: z.looseObject({ content: z.string() }) });

const logSchema = z.looseObject({
  cwd: z.string(),
  allow: z.looseObject({
    create: z.record(z.string(), z.string()).refine((files) => Object.keys(files).length > 0),
  }),
});

/** Creates a missing file with the content the target names; of a log, the declared files that its lines name. An existing file is never touched, not even one that appears meanwhile. */
export const create = defineRemedy<z.output<typeof schema>>({
  remedy: "create",
  summary: "creates the missing file with its declared content",
  schema,
  kinds: ["file", "log"],
  cures: true,
  misfit: ({ kind, spec }) => {
    const { data } = (kind === "log" ? logSchema : specSchema).safeParse(spec);
    return data === undefined ? misfits[kind] : undefined;
  },
  refuses: ({ target, finding }) =>
    target.kind === "log" && finding !== undefined && namedFiles({ target, finding }).length === 0
      ? "none of its files is in allow.create"
      : undefined,
  plan: async (context) => linesOf(stepsOf(context)),
  apply: (context) => takeSteps(stepsOf(context), context),
});

function stepsOf(context: RemedyContext): CureStep[] {
  const { target } = context;
  if (target.kind === "log") return stepsForLog(context);
  const { path: written, create: wanted } = specSchema.parse(target.spec);
  const path = resolve(target.base, written);
  if (existsSync(path))
    return [{ line: `${path} exists: leave it as it is`, act: async () => ({ path, created: false }) }];
  return newFileSteps(path, wanted.content);
}

/** Only declared files: what a line names chooses among them. */
function namedFiles(context: Pick<RemedyContext, "target" | "finding">): { path: string; content: string }[] {
  const { base, spec } = context.target;
  const { cwd, allow } = logSchema.parse(spec);
  const named = new Set(captured(context, "path").map((path) => resolve(base, cwd, path)));
  return Object.entries(allow.create)
    .map(([path, content]) => ({ path: resolve(base, path), content }))
    .filter(({ path }) => named.has(path));
}

function stepsForLog(context: RemedyContext): CureStep[] {
  const missing = namedFiles(context).filter(({ path }) => !existsSync(path));
  const none = "no declared file is missing: leave all as they are";
  if (missing.length === 0) return [{ line: none, act: async () => undefined }];
  return missing.flatMap(({ path, content }) => newFileSteps(path, content));
}
