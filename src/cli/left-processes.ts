import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Config, targetsOn } from "../model/config.ts";
import { copyName } from "../model/copies.ts";
import { openLedger } from "../system/ledger.ts";
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

/** Whether a healq that was killed in the middle of something, or a window of tmux, may have left more than that. */
export function mayHaveLeftMore({ stateDir }: Config): boolean {
  if (!existsSync(stateDir)) return false;
  return existsSync(join(stateDir, "console.sock")) || openLedger(stateDir).intentIds().length > 0;
}
