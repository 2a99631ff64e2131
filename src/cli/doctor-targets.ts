import { statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { processSpecOf } from "../checks/process.ts";
import { type Config, targetsOn } from "../model/config.ts";
import type { Target } from "../model/target.ts";
import { findProgram } from "../system/program.ts";
import { bad, type Diagnosis, fine, warn } from "./diagnosis.ts";

/** Whether what the targets of this node name is there: programs to run, folders of files. One line when all is well. */
export function diagnoseTargets(config: Config): Diagnosis[] {
  const targets = targetsOn(config, config.node);
  const found = targets.flatMap((target) => [...programOf(target, config), ...folderOf(target)]);
  return found.length > 0 ? found : [fine("targets", "programs and folders of all targets are there")];
}

function programOf(target: Target, config: Config): Diagnosis[] {
  const spec = target.kind === "process" ? processSpecOf(target, config.stateDir) : undefined;
  const run = spec?.run ?? commandOf(target);
  if (run === undefined) return [];
  const cwd = spec?.cwd ?? target.base;
  if (statSync(cwd, { throwIfNoEntry: false })?.isDirectory() !== true) {
    return [bad(target.id, `cwd ${cwd} is no folder`, "make it, or correct cwd")];
  }
  const found = findProgram(run[0], { cwd, path: spec?.env.PATH ?? process.env.PATH });
  const itself = "problem" in found ? [bad(target.id, found.problem, "install it, or correct run")] : [];
  return spec?.console === undefined ? itself : [...itself, ...terminalOf(target, cwd)];
}

function terminalOf({ id }: Target, cwd: string): Diagnosis[] {
  const tmux = findProgram("tmux", { cwd, path: process.env.PATH });
  if (!("problem" in tmux)) return [];
  return [bad(id, `${tmux.problem}, which \`console: tmux\` needs`, "install tmux, or leave console out")];
}

function commandOf(target: Target): readonly [string] | undefined {
  const run = target.kind === "command" ? fieldOf(target.spec, "run") : undefined;
  const program: unknown = Array.isArray(run) ? run[0] : undefined;
  return typeof program === "string" ? [program] : undefined;
}

function folderOf(target: Target): Diagnosis[] {
  const path = target.kind === "file" ? fieldOf(target.spec, "path") : undefined;
  if (typeof path !== "string") return [];
  const folder = dirname(resolve(target.base, path));
  if (statSync(folder, { throwIfNoEntry: false })?.isDirectory() === true) return [];
  return [
    warn(target.id, `the folder ${folder} of its file is not there`, "make it, unless something else will"),
  ];
}

/** A field of a kind's own spec, which is only known here to be what its schema parsed. */
function fieldOf(spec: unknown, name: string): unknown {
  return typeof spec === "object" && spec !== null ? Reflect.get(spec, name) : undefined;
}
