import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { respawnProgram } from "../support/places.ts";
import type { Peer } from "./peer.ts";
import { endProgram, startProgram } from "./program.ts";

/** A bare respawn loop: the least that can be done. Everything above it is what a supervisor adds. */
export const floor: Peer = {
  name: "floor",
  noticesHangs: false,
  missing: () => undefined,
  start: async ({ workers, folder, cleanup }) => {
    const file = join(folder, "workers.json");
    writeFileSync(file, JSON.stringify(workers.map(({ argv }) => argv)));
    const child = startProgram([process.execPath, respawnProgram, file], { log: join(folder, "floor.log") });
    cleanup.add(() => endProgram(child));
    return {
      config: "spawn(worker) again in the handler of its exit",
      settled: () => true,
      state: () => "—",
    };
  },
};
