import { readLogs } from "../jobs/logs.ts";
import { systemClock } from "../src/lib/clock.ts";
import { targetsOn } from "../src/model/config.ts";
import { putAnswer } from "../src/store/answers.ts";
import { anyNode } from "../src/store/keys.ts";
import { readNodes } from "../src/store/nodes.ts";
import { readProcesses } from "../src/system/read-processes.ts";
import { startCheckWorker } from "./check.ts";
import { besideContext, checkContext } from "./contexts.ts";
import type { Foundation } from "./foundation.ts";
import { createHandOver } from "./hand-over.ts";
import { createQueueDispatch } from "./queue-dispatch.ts";
import type { Supervision } from "./supervise.ts";

/** Looks for the queues: the supervisor decides on what it sees itself, a process beside it hands over. */
export function startChecks(foundation: Foundation, supervision: Supervision | undefined): void {
  const { config, releasers, connections } = foundation;
  const redis = connections.swift;
  const context =
    supervision === undefined
      ? beside(foundation)
      : checkContext(supervision.parts, readProcesses(config.stateDir), supervision.context.limits);
  releasers.add("looks", () => context.close());
  const answerLogs: NonNullable<Parameters<typeof startCheckWorker>[0]["answerLogs"]> = (request, job) =>
    putAnswer(redis, { node: config.node, job }, readLogs(request, foundation));
  const start = (node: string, more: { answerLogs?: typeof answerLogs } = {}) => {
    const worker = startCheckWorker({ node, connection: connections.patient(), context, ...more });
    releasers.add(`looks of ${node}`, () => worker.stop());
  };
  start(config.node, { answerLogs });
  if (targetsOn(config, config.node).some((target) => target.nodes === "any")) start(anyNode);
}

function beside(foundation: Foundation): ReturnType<typeof besideContext> {
  const { config, queues, connections, releasers } = foundation;
  const now = () => systemClock.now();
  const nodes = () => readNodes(connections.swift, now());
  const handOver = createHandOver(config);
  releasers.add("hand-over", () => handOver.close());
  const dispatch = createQueueDispatch({ config, queues, nodes, now });
  return besideContext({ ...foundation, dispatch }, handOver.record);
}
