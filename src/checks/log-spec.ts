import * as z from "zod";
import { duration, id } from "../lib/fields.ts";
import { rootProblems } from "./allowed-folders.ts";
import { regexField } from "./bounded-regex.ts";
import { installerArgs, installField } from "./install-field.ts";
import { presetPatterns } from "./log-presets.ts";

const own = z.strictObject({
  match: regexField().describe(
    "A regular expression that a line is searched for. Its named captures are evidence; `(?<path>…)`, `(?<python>…)` and `(?<npm>…)` are what `mkdir`, `create` and `install` ask for.",
  ),
  severity: z.enum(["warning", "critical"]).default("critical").describe("Default: critical."),
  count: z.int().min(1).max(1_000).default(1).describe("Bad from so many lines on. Default: 1."),
  within: duration().optional().describe("The lines must come within this. Default: `quiet`."),
});

const presetName = z.enum(["python", "node"]);

/** The fields of a `log` target. */
export const logSchema = z.strictObject({
  path: z
    .string()
    .min(1)
    .describe(
      "The log; relative to the config file. What a process of healq writes is in `logs/ID.log` under `stateDir`.",
    ),
  preset: z
    .union([presetName.transform((name) => [name]), z.array(presetName)])
    .prefault([])
    .describe(
      "Patterns for what Python or Node programs write when something is amiss: python, node, or both. Default: none.",
    ),
  patterns: z
    .record(
      z
        .string()
        .regex(/^[a-z0-9][a-z0-9-]{0,40}$/, { error: "is no pattern's name: small letters, digits and -" }),
      own,
    )
    .default({})
    .describe(
      "Own patterns by name; each is a symptom `log.NAME`. One with the name of a preset's takes its place. Default: none.",
    ),
  quiet: duration()
    .prefault("1m")
    .describe("A fault is over when no line has told of it for so long, or when it was cured. Default: 1m."),
  settle: duration()
    .prefault("5s")
    .describe("A cure is verified when no line has told of the fault for so long after it. Default: 5s."),
  target: id()
    .optional()
    .describe(
      "The target that writes it, and is healed when its log tells of a connection, a timeout, no memory, or an exit.",
    ),
  cwd: z
    .string()
    .min(1)
    .default(".")
    .describe(
      "Where relative paths in its lines begin; relative to the config file. Default: the config file's folder.",
    ),
  python: z
    .strictObject({
      interpreter: z
        .string()
        .min(1)
        .default("python3")
        .describe(
          "The Python that modules are installed for; relative to the config file: venv/bin/python. Default: python3.",
        ),
      args: installerArgs("[--no-index, --find-links, wheels]"),
    })
    .prefault({})
    .describe("The environment of the program, where it is Python's."),
  node: z
    .strictObject({
      from: z
        .string()
        .min(1)
        .default(".")
        .describe(
          "The folder of the program; relative to the config file. Default: the config file's folder.",
        ),
      args: installerArgs("[--offline]"),
    })
    .prefault({})
    .describe("The environment of the program, where it is Node's."),
  allow: z
    .strictObject({
      install: installField().describe("`install` installs these only."),
      mkdir: z
        .array(z.string().min(1))
        .default([])
        .describe("`mkdir` makes folders inside of these only; relative to the config file. Default: none."),
      create: z
        .record(z.string().min(1), z.string())
        .default({})
        .describe(
          "`create` makes these files, with this content; relative to the config file. Default: none.",
        ),
    })
    .prefault({})
    .describe("What cures may do; names in a log are never enough."),
});

/** The fields of a `log` target, as parsed. */
export type LogSpec = z.output<typeof logSchema>;

/** One pattern with when it counts. Durations in milliseconds. */
export interface WantedPattern {
  readonly name: string;
  readonly match: readonly string[];
  readonly severity: "warning" | "critical";
  readonly count: number;
  readonly within: number;
  /** Lines are remembered for so long. */
  readonly keepFor: number;
}

/** All patterns of a target: those of its presets, and its own in front of them. */
export function patternsOf({ preset, patterns, quiet }: LogSpec): WantedPattern[] {
  const own = Object.entries(patterns).map(([name, { match, severity, count, within = quiet }]) => {
    return { name, match: [match], severity, count, within, keepFor: Math.max(within, quiet) };
  });
  const usual = { severity: "critical", count: 1, within: quiet, keepFor: quiet } as const;
  const given = presetPatterns(preset).filter(({ name }) => patterns[name] === undefined);
  return [...own, ...given.map((one) => ({ ...one, ...usual }))];
}

/** What may not be so together. */
export function logProblems(spec: LogSpec): { path: (string | number)[]; message: string }[] {
  const nothing = { path: [], message: "looks for nothing: give preset: python, node or both, or patterns" };
  return [
    ...(patternsOf(spec).length === 0 ? [nothing] : []),
    ...rootProblems(spec.allow.mkdir, ["allow", "mkdir"]),
  ];
}
