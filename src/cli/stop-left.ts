import { randomUUID } from "node:crypto";
import { processSpecOf } from "../checks/process-spec.ts";
import { systemClock } from "../lib/clock.ts";
import { type Config, targetsOn } from "../model/config.ts";
import { describeStopped } from "../model/process.ts";
import { stopOrder } from "../model/stop-order.ts";
import { journalFile, openJournal } from "../store/journal.ts";
import { acquireSupervisorLock } from "../system/lock.ts";
import { openProcesses } from "../system/processes.ts";
import { socketPath } from "../system/short-socket.ts";

/**
 * Stops the processes that an earlier healq left running, dependants first, where no supervisor runs: this command takes its
 * lock meanwhile, so that none comes up in between. Rejects with `held` when one is there after all.
 */
export async function stopLeft(config: Config, say: (target: string) => void): Promise<void> {
  const holder = { pid: process.pid, node: config.node, since: systemClock.now() };
  const lock = await acquireSupervisorLock(socketPath(config.stateDir, "healq.sock"), holder);
  const specOf = (target: Parameters<typeof processSpecOf>[0]) => processSpecOf(target, config.stateDir);
  const processes = openProcesses({
    stateDir: config.stateDir,
    specOf,
    clock: systemClock,
    log: () => undefined,
    redisUrl: config.redis,
  });
  // There is no healq that could tell Redis: the next one does.
  const journal = openJournal({ file: journalFile(config.stateDir), now: () => systemClock.now() });
  try {
    const targets = targetsOn(config, config.node).filter((target) => specOf(target) !== undefined);
    processes.adoptAll(targets);
    for (const group of stopOrder(targets)) {
      await Promise.all(
        group.map(async (target) => {
          say(target.id);
          const ended = await processes.stop(target, "shutdown");
          if (ended.pid === null) return;
          const reason = `healq down --workers: ${describeStopped(ended)}`;
          const at = systemClock.now();
          const note = { at, event: "target.stopped" as const, target: target.id, action: "stop", reason };
          journal.append({ name: randomUUID(), notes: [note] });
        }),
      );
    }
  } finally {
    processes.close();
    await lock.release();
  }
}
