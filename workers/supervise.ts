import type { CheckContext } from "../jobs/context.ts";
import { systemClock } from "../src/lib/clock.ts";
import { targetsOn } from "../src/model/config.ts";
import { counted } from "../src/policy/words.ts";
import { wordsOf } from "../src/redis/refusal.ts";
import { anyNode } from "../src/store/keys.ts";
import { leave, readNodes } from "../src/store/nodes.ts";
import { keepAuditFile } from "./audit-file.ts";
import { openBoard, type StatusBoard } from "./board.ts";
import { announce, supervisorChores } from "./chores.ts";
import { alertContext, healContext, type Parts } from "./contexts.ts";
import { createDispatch } from "./dispatch.ts";
import { everySecond } from "./every-second.ts";
import { startForwarder } from "./forward.ts";
import type { Foundation } from "./foundation.ts";
import { startHealWorker } from "./heal.ts";
import { createLocalDispatch } from "./local-dispatch.ts";
import { createQueueDispatch } from "./queue-dispatch.ts";
import { openNodeProcesses, stopWorkers, takeOver } from "./supervisor.ts";

/** How long stopping all processes may take, in milliseconds; each has its own `stop.timeout`. */
const stopWorkersWithin = 10 * 60_000;

/** The part of a node that acts. */
export interface Supervision {
  readonly parts: Parts;
  readonly context: CheckContext;
  /** Says that the processes are to be stopped too, dependants first, once everything that could start one has ended. */
  takeWorkersAlong(say: (what: string) => void): void;
}

/** Starts acting: takes the processes over, heals what the queues ask for, keeps the record. */
export async function supervise(
  foundation: Foundation,
  { version, healqLog }: { version: string; healqLog: string },
): Promise<Supervision> {
  const { config, log, redact, releasers, connections, stores, queues } = foundation;
  const redis = connections.swift;
  const now = () => systemClock.now();
  const nodes = () => readNodes(redis, now());
  const here = targetsOn(config, config.node);

  const board = openBoard(config);
  const processes = openNodeProcesses(config, log);
  releasers.add("processes", () => processes.close());
  // Released after all that looks, heals and starts: what is stopped must not be taken for a fault, nor started again.
  let stopping: (() => Promise<void>) | undefined;
  releasers.add("workers", () => stopping?.(), stopWorkersWithin);
  const away = () => stores.steady?.away() === true || redis.status !== "ready";
  const local = createLocalDispatch(() => ({ ...alertContext(parts), ...context }));
  const overQueues = createQueueDispatch({ config, queues, nodes, now });
  const dispatch = createDispatch({ queues: overQueues, local, away });
  const parts: Parts = { ...foundation, board, dispatch };
  const context = healContext(parts, processes);
  releasers.add("looks", () => context.close());
  releasers.add("local heals", () => local.stop());

  await keepRecord(foundation, { board, version, healqLog });
  const starts = await takeOver({ config, context, processes, board, stateOf: (id) => stores.stateOf(id) });
  releasers.add("starts", () => starts.stop());
  const asking = everySecond(
    [
      // What needs something of another node hears of it by asking.
      { name: "starts", run: () => starts.proceed() },
      { name: "looks without Redis", run: () => (away() ? lookAtUnwell(parts) : undefined) },
    ],
    log,
  );
  releasers.add("asking", () => asking.stop());
  const heal = (node: string) => {
    queues.heal(node); // opened now, so that the first heal does not wait for it
    const worker = startHealWorker({ node, connection: connections.patient(), context });
    releasers.add(`heals of ${node}`, () => worker.stop());
  };
  heal(config.node);
  if (here.some((target) => target.nodes === "any")) heal(anyNode);
  const forwarder = startForwarder({ connection: connections.patient(), redis, queues, log, redact, now });
  releasers.add("queue heal", () => forwarder.stop());
  return {
    parts,
    context,
    takeWorkersAlong: (say) => {
      stopping = () => stopWorkers({ config, context, processes }, say);
    },
  };
}

/** A heal that was enqueued in the moment before Redis went away lies there: what it was for is looked at again. */
async function lookAtUnwell({ config, board, dispatch }: Parts): Promise<void> {
  const unwell = targetsOn(config, config.node).filter(
    ({ id, kind }) => kind === "process" && board.status(id) === "critical",
  );
  await dispatch.look(unwell.map(({ id }) => id));
}

/** Tells the fleet that this node is there, and keeps what is recorded in step: heartbeat, journal, `audit.jsonl`. */
async function keepRecord(
  foundation: Foundation,
  { board, version, healqLog }: { board: StatusBoard; version: string; healqLog: string },
): Promise<void> {
  const { config, log, releasers, connections, stores } = foundation;
  const redis = connections.swift;
  const now = () => systemClock.now();
  const here = targetsOn(config, config.node);
  // A Redis that takes nothing (full, or overwritten) is as good as away: nobody is left unhealed for it.
  const unlessRefused = (problem: unknown) => log.warn({}, `Redis cannot be told yet: ${wordsOf(problem)}`);
  await stores.steady?.recall(here.flatMap(({ id, nodes }) => (nodes === "any" ? [] : [id])));
  await stores.steady?.catchUp().catch(unlessRefused);
  await announce(config, redis, here).catch(unlessRefused);
  // Released after the chores, or their last heartbeat would bring the node back on the list.
  releasers.add("node", () => leave(redis, config.node));
  const chores = everySecond(supervisorChores({ ...foundation, board, redis, healqLog, version, now }), log);
  releasers.add("chores", () => chores.stop());
  const following = new AbortController();
  const record = { stateDir: config.stateDir, node: config.node, connection: connections.patient(), log };
  const followed = keepAuditFile({ ...record, signal: following.signal });
  releasers.add("audit.jsonl", async () => {
    following.abort();
    await followed;
  });
  await stores.own.note([
    {
      at: now(),
      event: "node.joined",
      reason: `healq ${version} runs as pid ${process.pid}`,
      details: { node: config.node },
    },
    { at: now(), event: "config.loaded", reason: `${counted(here.length, "target")} of ${config.file}` },
  ]);
}
