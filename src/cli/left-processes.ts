import { type Config, targetsOn } from "../model/config.ts";
import { copyName } from "../model/copies.ts";
import { isAlive } from "../system/procfs.ts";
import { readProcesses } from "../system/read-processes.ts";

/** The processes that healq started on this node and that are alive now. */
export function leftProcesses(config: Config): { readonly target: string; readonly pid: number }[] {
  const processes = readProcesses(config.stateDir);
  return targetsOn(config, config.node)
    .filter((target) => target.kind === "process")
    .flatMap((target) => {
      const others = processes.copies().get(target.id) ?? [];
      return [1, ...others].map((copy) => copyName(target.id, copy));
    })
    .flatMap((target) => {
      const { identity } = processes.read(target);
      const lives = identity !== undefined && isAlive(identity) === "alive";
      return lives ? [{ target, pid: identity.pid }] : [];
    });
}
