import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join, resolve } from "node:path";
import { messageOf } from "../model/errors.ts";

/** Where a program is, or why it cannot be run. */
export type Program = { readonly path: string } | { readonly problem: string };

/** PATH where none is set: what execvp(3) takes. */
const defaultPath = "/bin:/usr/bin";

/** Finds a program as exec would: a name with a slash from `cwd`, another one in `path`. */
export function findProgram(
  name: string,
  where: { readonly cwd: string; readonly path?: string | undefined },
): Program {
  if (name.includes("/")) {
    const path = resolve(where.cwd, name);
    const fault = faultOf(path);
    return fault === undefined ? { path } : { problem: describe(fault, name, path) };
  }
  let unfit: string | undefined;
  for (const folder of (where.path ?? defaultPath).split(delimiter)) {
    const path = resolve(where.cwd, join(folder === "" ? "." : folder, name));
    const fault = faultOf(path);
    if (fault === undefined) return { path };
    if (fault === "mode") unfit ??= path;
  }
  return { problem: unfit === undefined ? `command not found: ${name}` : describe("mode", name, unfit) };
}

type Fault = "missing" | "folder" | "mode";

function faultOf(path: string): Fault | undefined {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined) return "missing";
    if (stats.isDirectory()) return "folder";
    accessSync(path, constants.X_OK);
    return undefined;
  } catch {
    return "mode";
  }
}

function describe(fault: Fault, name: string, path: string): string {
  if (fault === "missing") return `command not found: ${name} (there is no ${path})`;
  if (fault === "folder") return `not a program: ${path} is a folder`;
  return `not executable: ${path} (chmod +x it, or put its interpreter first in \`run\`)`;
}

/**
 * Why the kernel did not start a program that was found, for people: what `findProgram` cannot see.
 *
 * @param error what spawn said, or its code
 */
export function notStarted(name: string, error: unknown): string {
  const code = error instanceof Error && "code" in error ? error.code : error;
  if (code === "ENOEXEC") return `not a program: ${name} (a script needs a first line like #!/bin/sh)`;
  if (code === "E2BIG") return `${name}: arguments and environment are too long`;
  if (code === "EAGAIN" || code === "ENOMEM")
    return `${name}: the machine has no room for another process (${code})`;
  if (code === "ENOENT") return `${name} could not be started: the interpreter in its first line is missing`;
  return `${name} could not be started: ${error instanceof Error ? messageOf(error) : (code ?? "no reason given")}`;
}
