import type { Redis } from "ioredis";
import type { Clock } from "../lib/clock.ts";
import type { AuditEntry } from "../model/audit.ts";
import type { FleetReader, NodeRecord, TargetRecord } from "../model/fleet.ts";
import { followStream, lastEntryId, readAudit } from "./audit-log.ts";
import { unseal } from "./envelope.ts";
import { parseIncident } from "./incident-text.ts";
import { anyNode, nodeKeys } from "./keys.ts";
import { readLook } from "./look-text.ts";
import { readNodes } from "./nodes.ts";
import { readPauses } from "./pauses.ts";

/** Audit entries shown in the timeline of one incident, at most. */
const timelineLength = 1_000;

/**
 * Reads the fleet from Redis. `node` is the own node, whose targets come first; `duplicate` gives a connection for
 * following a stream, which blocks.
 */
export function createFleetReader(options: {
  redis: Redis;
  node: string;
  clock: Clock;
  duplicate: () => Redis;
}): FleetReader {
  const { redis, node, clock } = options;
  const all = () => readNodes(redis, clock.now());
  const nodeNames = async () =>
    orderNodes(
      (await all()).map((record) => record.node),
      node,
    );

  return {
    nodes: async () =>
      (await all()).filter((record) => record.node !== anyNode).sort((a, b) => (a.node < b.node ? -1 : 1)),
    targets: async () => {
      const records = await all();
      const names = orderNodes(
        records.map((record) => record.node),
        node,
      );
      const lists = await Promise.all(names.map((name) => targetsOf(redis, name, records)));
      return lists.flat();
    },
    pauses: () => readPauses(redis, clock.now()),
    audit: async (query) => readAudit(redis, await nodeNames(), query),
    follow: (query, signal) => followAll(options, query.targets, signal),
    incidents: async ({ open }) => {
      const lists = await Promise.all(
        (await nodeNames()).map(async (name) => {
          const all = await redis.hvals(nodeKeys(name).incidents);
          return all.flatMap((text) => parseIncident(text) ?? []);
        }),
      );
      return lists
        .flat()
        .filter((incident) => open !== true || incident.state !== "resolved")
        .sort((a, b) => a.openedAt - b.openedAt);
    },
    incident: async (id) => {
      for (const name of await nodeNames()) {
        const incident = parseIncident(await redis.hget(nodeKeys(name).incidents, id));
        if (incident === undefined) continue;
        const query = { incident: id, since: incident.openedAt - 60_000, limit: timelineLength };
        return { incident, timeline: await readAudit(redis, [name], query) };
      }
      return undefined;
    },
  };
}

/** The own node first, then the others by name, then `any`. */
function orderNodes(names: readonly string[], own: string): string[] {
  const others = [...new Set(names)].filter((name) => name !== own && name !== anyNode).sort();
  return [own, ...others, anyNode];
}

async function targetsOf(
  redis: Redis,
  node: string,
  records: readonly NodeRecord[],
): Promise<TargetRecord[]> {
  const keys = nodeKeys(node);
  const [states, looks] = await Promise.all([redis.hgetall(keys.state), redis.hgetall(keys.look)]);
  const known = records.find((record) => record.node === node)?.targets ?? [];
  // What left the config leaves the status; its state is kept for the day it comes back.
  return known.map(({ id, kind }) => {
    const state = states[id] === undefined ? undefined : unseal(states[id]).state;
    const look = looks[id] === undefined ? undefined : readLook(looks[id]);
    return {
      id,
      kind,
      node,
      ...(state === undefined ? {} : { state }),
      ...(look === undefined ? {} : { look }),
    };
  });
}

async function* followAll(
  { redis, node, clock, duplicate }: { redis: Redis; node: string; clock: Clock; duplicate: () => Redis },
  targets: readonly string[] | undefined,
  signal: AbortSignal,
): AsyncGenerator<AuditEntry> {
  const queue: AuditEntry[] = [];
  let wake: () => void = () => undefined;
  const connections: Redis[] = [];
  const names = orderNodes(
    (await readNodes(redis, clock.now())).map((record) => record.node),
    node,
  );
  const readers = names.map(async (name) => {
    const after = await lastEntryId(redis, name);
    const connection = duplicate();
    connections.push(connection);
    for await (const entry of followStream(connection, { node: name, after, signal })) {
      if (targets === undefined || (entry.target !== undefined && targets.includes(entry.target)))
        queue.push(entry);
      wake();
    }
  });
  let ended = false;
  const end = () => {
    ended = true;
    wake();
  };
  const reading = Promise.all(readers).then(end, end);
  signal.addEventListener("abort", () => wake(), { once: true });
  try {
    while (!signal.aborted) {
      const entry = queue.shift();
      if (entry !== undefined) yield entry;
      else if (ended) return;
      else
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
    }
  } finally {
    for (const connection of connections) connection.disconnect();
    await reading;
  }
}
