import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { Installable } from "../checks/install-field.ts";
import { installField, mayInstall } from "../checks/install-field.ts";
import { formatDuration } from "../lib/duration.ts";
import { duration } from "../lib/fields.ts";
import { HealqError } from "../model/errors.ts";
import { defineRemedy, type RemedyContext, type RemedyResult } from "../model/remedy.ts";
import { type MissingModules, missingModules } from "./missing-modules.ts";
import { runCommand } from "./run-command.ts";
import { shownArgv } from "./shown-argv.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({
  timeout: duration().prefault("5m").describe("Each installer is ended after this. Default: 5m."),
});

type Params = z.output<typeof schema>;

const specSchema = z.looseObject({
  allow: z.looseObject({ install: installField() }),
  python: z.looseObject({ interpreter: z.string(), args: z.array(z.string()) }).optional(),
  node: z.looseObject({ from: z.string(), args: z.array(z.string()) }).optional(),
});

type Spec = z.output<typeof specSchema>;

/**
 * Installs missing modules, with pip or npm, in the environment of the program. Only what `allow.install` lists, word for word; what a log names only chooses from
 * that. Neither installer runs code of a package: no build, no install script.
 */
export const install = defineRemedy<Params>({
  remedy: "install",
  summary: "installs the missing modules that are allowed, by pip or npm",
  schema,
  kinds: ["requires", "log"],
  cures: true,
  misfit: ({ spec }) => {
    const { data } = specSchema.safeParse(spec);
    return data !== undefined && mayInstall(data.allow.install)
      ? undefined
      : "install needs the names that may be installed: allow: { install: { python: [requests==2.32.3] } }";
  },
  refuses: (context) => {
    const { python, npm, refused } = missingModules(context);
    const isNone = python.length === 0 && npm.length === 0 && refused.length > 0;
    return isNone ? `not in allow.install: ${refused.join(", ")}` : undefined;
  },
  plan: async (context, params) => linesOf(stepsOf(context, params)),
  apply: (context, params) => applied(context, params),
});

async function applied(context: RemedyContext, params: Params): Promise<RemedyResult> {
  context.signal.throwIfAborted();
  const result = await takeSteps(stepsOf(context, params), context);
  const left = missingModules(context).refused;
  // Said after what could be done: the next rung, or a person, has the rest.
  if (left.length > 0)
    throw new HealqError("install", `not in allow.install, so not installed: ${left.join(", ")}`);
  return result;
}

function stepsOf(context: RemedyContext, { timeout }: Params): CureStep[] {
  const spec = specSchema.parse(context.target.spec);
  const missing = missingModules(context);
  const commands = [pip(spec, missing), npm(spec, missing, context.target.base)].filter(
    (one) => one !== undefined,
  );
  if (commands.length === 0)
    return [
      { line: "no module that may be installed is missing: leave all as it is", act: async () => undefined },
    ];
  return commands.map(({ by, names, argv }) => ({
    line: `run ${shownArgv(argv)}, at most ${formatDuration(timeout)}`,
    act: async () => {
      const { base } = context.target;
      const output = await runCommand({ argv, base, timeout, signal: context.signal });
      return { [by]: names, ...(output.length === 0 ? {} : { [`${by}Output`]: output }) };
    },
  }));
}

interface Installer {
  readonly by: "pip" | "npm";
  readonly names: readonly string[];
  readonly argv: readonly [string, ...string[]];
}

/** Wheels only: to build one runs code of the package. What the config says comes later, and so wins. */
function pip({ python, allow }: Spec, { python: modules }: MissingModules): Installer | undefined {
  if (modules.length === 0) return undefined;
  const names = modules.map((module) => allow.install.python[module] ?? module);
  const { interpreter = "python3", args = [] } = python ?? {};
  const options = ["--disable-pip-version-check", "--no-input", "--only-binary", ":all:", ...args];
  return { by: "pip", names, argv: [interpreter, "-m", "pip", "install", ...options, "--", ...names] };
}

/** `--no-save`: package.json is the program's. npm takes away what neither that nor this command names, so all that may be there is named. */
function npm({ node, allow }: Spec, { npm: packages }: MissingModules, base: string): Installer | undefined {
  if (packages.length === 0) return undefined;
  const { from = ".", args = [] } = node ?? {};
  const folder = resolve(base, from);
  const isThere = (name: string) => existsSync(join(folder, "node_modules", name));
  const wanted = Object.keys(allow.install.node).filter((name) => packages.includes(name) || isThere(name));
  const names = wanted.map((name) => npmName(allow.install, name, base));
  const options = ["--prefix", folder, "--no-save", "--no-audit", "--no-fund", "--ignore-scripts", ...args];
  return { by: "npm", names, argv: ["npm", "install", ...options, "--", ...names] };
}

function npmName({ node }: Installable, name: string, base: string): string {
  const wanted = node[name] ?? name;
  return wanted.startsWith("file:") ? `file:${resolve(base, wanted.slice("file:".length))}` : wanted;
}
