import { type Config, targetsOn } from "../model/config.ts";
import { isAlive } from "../system/procfs.ts";
import { readProcesses } from "../system/read-processes.ts";

/** The processes that healq started on this node and that are alive now. */
export function leftProcesses(config: Config): { readonly target: string; readonly pid: number }[] {
  const processes = readProcesses(config.stateDir);
  return targetsOn(config, config.node)
    .filter((target) => target.kind === "process")
    .flatMap((target) => {
      const { identity } = processes.read(target.id);
      const lives = identity !== undefined && isAlive(identity) === "alive";
      return lives ? [{ target: target.id, pid: identity.pid }] : [];
    });
}
