import * as z from "zod";
import type { Config } from "../src/model/config.ts";
import type { ProcessView } from "../src/model/ports.ts";

const graced = z.looseObject({ startGrace: z.number() });

/**
 * Whether healq has started a process so recently that nothing can be said of it yet, or will when its needs are met. For the first look
 * at what depends on it, which may be over before the first look at the process itself is.
 */
export function wasJustStarted(
  id: string,
  { config, processes, now }: { config: Config; processes: ProcessView; now: number },
): boolean {
  const target = config.targets.get(id);
  if (target?.kind !== "process") return false;
  const { data } = graced.safeParse(target.spec);
  const { startedAt, exit, waitsFor } = processes.read(id);
  if (waitsFor !== undefined) return true;
  return (
    data !== undefined && exit === undefined && startedAt !== undefined && now - startedAt < data.startGrace
  );
}
