import * as z from "zod";
import { id } from "../lib/fields.ts";
import type { Finding } from "../model/finding.ts";
import { type CheckContext, defineKind } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { findProgram } from "../system/program.ts";
import { rootProblems } from "./allowed-folders.ts";
import { installField, mayInstall } from "./install-field.ts";
import { couldNotTell, lookOf } from "./looks.ts";
import { directoryFaults, directoryField } from "./requires-directories.ts";
import { type Environments, environmentsOf, missingVariables } from "./requires-environment.ts";
import { missingNodeModules, missingPythonModules, nodeField, pythonField } from "./requires-modules.ts";

const schema = z.strictObject({
  env: z
    .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "is no variable's name: API_KEY" }))
    .default([])
    .describe("Environment variables that must be set and not empty, by name. Default: none."),
  envFile: z
    .string()
    .min(1)
    .optional()
    .describe("A file of variables as the process has it, which count as set; relative to the config file."),
  of: id()
    .optional()
    .describe(
      "The process target whose own environment is looked at while it runs. Default: what healq would give a process.",
    ),
  directories: z
    .array(directoryField())
    .default([])
    .describe("Folders that must be there: data, or { path: logs, writable: true }. Default: none."),
  executables: z
    .array(z.string().min(1))
    .default([])
    .describe(
      "Programs that must be found: a name in PATH, or a path relative to the config file. Default: none.",
    ),
  python: pythonField().optional().describe("Python modules that must be importable. Default: none."),
  node: nodeField().optional().describe("npm packages that must be installed. Default: none."),
  allow: z
    .strictObject({
      mkdir: z
        .array(z.string().min(1))
        .default(["."])
        .describe(
          "`mkdir` makes folders inside of these only; relative to the config file. Default: its folder.",
        ),
      install: installField().describe("`install` installs these only."),
    })
    .prefault({})
    .describe("What cures may do."),
});

/** The fields of a `requires` target, as parsed. */
export type RequiresSpec = z.output<typeof schema>;

/** What a program must find before it can work. */
export const requires = defineKind<RequiresSpec>({
  kind: "requires",
  summary: "what a program needs: variables, folders, programs, Python and npm modules",
  schema,
  symptoms: {
    "requires.env": "an environment variable is not set, or empty",
    "requires.path": "a folder is missing, is none, or cannot be written",
    "requires.executable": "a program is not found, or is not executable",
    "requires.module": "a Python module or an npm package is not installed",
  },
  network: false,
  references: ({ of }) => (of === undefined ? [] : [of]),
  defaultLadder: ({ directories, allow }) => ({
    "requires.env": [],
    "requires.path": directories.length > 0 ? ["mkdir"] : [],
    "requires.executable": [],
    "requires.module": mayInstall(allow.install) ? ["install"] : [],
  }),
  problems: ({ env, directories, executables, python, node, allow }) => [
    ...([...env, ...directories, ...executables].length > 0 || (python ?? node) !== undefined
      ? []
      : [{ path: [], message: "requires nothing: give env, directories, executables, python or node" }]),
    ...rootProblems(allow.mkdir, ["allow", "mkdir"]),
  ],
  observe,
});

/** Without Python modules and remote folders it is over at once: no promise. */
function observe(target: Target<RequiresSpec>, context: CheckContext): Promise<Look> | Look {
  const environments = environmentsOf(target, context);
  if ("problem" in environments) return couldNotTell(environments.problem);
  const { spec, base } = target;
  const directories = directoryFaults(spec.directories, base, context);
  const python = spec.python && missingPythonModules(spec.python, { base, env: environments.own, context });
  if (!(directories instanceof Promise) && python === undefined)
    return judged(target, { environments, directories, python: [] });
  return Promise.all([directories, python ?? []]).then(([folders, modules]) =>
    judged(target, { environments, directories: folders, python: modules }),
  );
}

interface Seen {
  readonly environments: Environments;
  readonly directories: readonly string[];
  /** The missing ones, or why they cannot be told. */
  readonly python: readonly string[] | { readonly problem: string };
}

function judged({ spec, base }: Target<RequiresSpec>, seen: Seen): Look {
  const { environments } = seen;
  const python = "problem" in seen.python ? [] : seen.python;
  const npm = missingNodeModules(spec.node, base);
  const modules = [...python.map((name) => `Python's ${name}`), ...npm.map((name) => `npm's ${name}`)];
  const programs = spec.executables.flatMap((name) => {
    const found = findProgram(name, { cwd: base, path: environments.own.PATH });
    return "problem" in found ? [found.problem] : [];
  });
  const findings = [
    finding("requires.env", "not set: ", missingVariables(spec.env, environments)),
    finding("requires.path", "", seen.directories),
    finding("requires.executable", "", programs),
    // A program in between said so, or a folder that may be on its way: not a fact.
    finding("requires.module", "not installed: ", modules).map((found) => ({
      ...found,
      fact: false,
      evidence: { ...found.evidence, python, npm },
    })),
  ].flat();
  if (findings.length === 0 && "problem" in seen.python) return couldNotTell(seen.python.problem);
  const missing = findings.reduce((sum, { evidence }) => sum + evidence.missing.length, 0);
  return lookOf({ findings, metrics: { missing }, fine: "all there" });
}

type Missing = Finding & { readonly evidence: { readonly missing: readonly string[] } };

/** Seen directly, so it counts at once. */
function finding(symptom: string, said: string, missing: readonly string[]): Missing[] {
  if (missing.length === 0) return [];
  const message = said + missing.join(", ");
  return [{ symptom, severity: "critical", fact: true, message, evidence: { missing } }];
}
