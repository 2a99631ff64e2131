import type { CheckResult } from "../../jobs/check.ts";
import { enqueueChecks } from "../../src/queues/enqueue.ts";
import { readNodes } from "../../src/store/nodes.ts";
import { readProcesses } from "../../src/system/read-processes.ts";
import { openBoard } from "../../workers/board.ts";
import { startCheckWorker } from "../../workers/check.ts";
import { checkContext } from "../../workers/contexts.ts";
import type { Foundation } from "../../workers/foundation.ts";
import { createQueueDispatch } from "../../workers/queue-dispatch.ts";
import { type Rate, rateOf } from "./rate.ts";

/** Ticks of all targets, one after the other: each from being enqueued until all its looks are recorded in Redis. */
export async function checkRate(base: Foundation, seconds: number): Promise<Rate> {
  const { config, queues, connections, releasers } = base;
  const redis = connections.swift;
  const now = () => Date.now();
  const dispatch = createQueueDispatch({ config, queues, nodes: () => readNodes(redis, now()), now });
  const context = checkContext(
    { ...base, board: openBoard(config), dispatch },
    readProcesses(config.stateDir),
  );
  releasers.add("looks", () => context.close());
  const worker = startCheckWorker({ node: config.node, connection: connections.patient(), context });
  releasers.add("worker", () => worker.stop());
  const ids = [...config.targets.keys()];
  let looked = 0;
  let ok = 0;
  let onEnd: () => void = () => undefined;
  worker.worker.on("completed", (_job, { counts }: CheckResult) => {
    ok += counts.ok;
    looked += counts.ok + counts.unknown;
    onEnd();
  });
  /** Looks at each of them once; true if all are well. */
  const tick = async (targets: string[]): Promise<boolean> => {
    [looked, ok] = [0, 0];
    const ended = new Promise<void>((resolve) => {
      onEnd = () => looked >= targets.length && resolve();
    });
    await enqueueChecks(queues, config.node, { targets, tick: now(), trigger: "cron" });
    await ended;
    return ok === targets.length;
  };
  // The first looks write the states, which costs far more: not all at once.
  for (let i = 0; i < ids.length; i += 1_000) await tick(ids.slice(i, i + 1_000));
  // Until processes are old enough to be believed, and the code is warm.
  for (let well = 0; well < 3; ) well += (await tick(ids)) ? 1 : 0;
  return rateOf(redis, seconds, async () => {
    await tick(ids);
    return ids.length;
  });
}
