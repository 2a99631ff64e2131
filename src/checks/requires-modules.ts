import { statSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import * as z from "zod";
import { plain } from "../lib/plain.ts";
import type { CheckContext } from "../model/kind.ts";
import { findProgram, notStarted } from "../system/program.ts";
import { runProgram } from "../system/run-program.ts";
import { installerArgs } from "./install-field.ts";
import { untrustedProgram } from "./untrusted-program.ts";

/** Python modules, and the Python that must find them. */
export function pythonField() {
  return z.strictObject({
    modules: z
      .array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: "is no top-level module's name: numpy" }))
      .min(1)
      .describe("Names as after `import`, without a dot."),
    interpreter: z
      .string()
      .min(1)
      .default("python3")
      .describe("A name in PATH, or a path relative to the config file: venv/bin/python. Default: python3."),
    args: installerArgs("[--no-index, --find-links, wheels]"),
  });
}

/** npm packages, and the folder from which they must be found. */
export function nodeField() {
  return z.strictObject({
    modules: z
      .array(
        z.string().regex(/^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~-][a-z0-9._~-]*$/i, {
          error: "is no package's name: express, @scope/name",
        }),
      )
      .min(1)
      .describe("Names as in package.json."),
    from: z
      .string()
      .min(1)
      .default(".")
      .describe("The folder of the program; relative to the config file. Default: the config file's folder."),
    args: installerArgs("[--offline]"),
  });
}

/** Finds the modules without importing them: nothing of theirs runs. Source: importlib.util.find_spec. */
const seek = `import importlib.util, sys
print("missing:" + " ".join(name for name in sys.argv[1:] if importlib.util.find_spec(name) is None))`;

/** The modules that this Python does not find, or why that cannot be told. */
export async function missingPythonModules(
  { modules, interpreter }: z.output<ReturnType<typeof pythonField>>,
  at: {
    readonly base: string;
    readonly env: Readonly<Record<string, string>>;
    readonly context: CheckContext;
  },
): Promise<readonly string[] | { readonly problem: string }> {
  const program = findProgram(interpreter, { cwd: at.base, path: at.env.PATH });
  if ("problem" in program) return program;
  const refusal = untrustedProgram(program.path);
  if (refusal !== undefined) return { problem: refusal };
  const ran = await runProgram({
    argv: [program.path, "-c", seek, ...modules],
    cwd: at.base,
    env: at.env,
    signal: at.context.signal,
  });
  if (ran.end === "aborted") return { problem: `${interpreter} did not answer in time` };
  if (ran.end === "not started") return { problem: notStarted(interpreter, ran.error) };
  if (ran.end === "signal") return { problem: `${interpreter} was killed by ${ran.signal}` };
  const [, missing] = /^missing:(.*)$/m.exec(ran.stdout) ?? [];
  if (ran.code === 0 && missing !== undefined) return missing.split(" ").filter((name) => name !== "");
  const complaint = plain(ran.stderr.trim().split("\n").at(-1) ?? "");
  return { problem: `${interpreter} exited with code ${ran.code}: ${complaint}` };
}

/** The packages that a program in that folder would not find. Source: nodejs.org/api/modules.html, loading from node_modules. */
export function missingNodeModules(
  field: z.output<ReturnType<typeof nodeField>> | undefined,
  base: string,
): string[] {
  if (field === undefined) return [];
  const folders = upwards(resolve(base, field.from)).map((folder) => join(folder, "node_modules"));
  return field.modules.filter((name) => !folders.some((folder) => isFolder(join(folder, name))));
}

function upwards(folder: string): string[] {
  const parent = dirname(folder);
  return parent === folder ? [folder] : [folder, ...upwards(parent)];
}

function isFolder(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}
