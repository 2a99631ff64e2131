import type { Redis } from "ioredis";
import * as z from "zod";
import { parseJson } from "../lib/parse-json.ts";
import { type AuditEntry, auditEvents } from "../model/audit.ts";
import type { AuditQuery } from "../model/fleet.ts";
import { nodeKeys } from "./keys.ts";

const schema = z.object({
  node: z.string(),
  at: z.number(),
  event: z.enum(auditEvents),
  target: z.string().optional(),
  symptom: z.string().optional(),
  action: z.string().optional(),
  reason: z.string(),
  incident: z.string().optional(),
  job: z.string().optional(),
  durationMs: z.number().optional(),
  by: z.string().optional(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** Entries read from a stream in one go. */
const page = 500;

/** A stream entry as ioredis gives it: id, then fields and values in turn. */
type StreamEntry = readonly [id: string, fields: readonly string[]];

/** Reads one stream entry; undefined for garbage. */
function parseEntry([id, fields]: StreamEntry): AuditEntry | undefined {
  const parsed = parseJson(schema, fields[1]);
  return parsed === undefined ? undefined : { id, ...parsed };
}

/** True if the query asks for this entry. */
function matches(entry: AuditEntry, query: Pick<AuditQuery, "targets" | "since">): boolean {
  if (query.since !== undefined && entry.at < query.since) return false;
  return query.targets === undefined || (entry.target !== undefined && query.targets.includes(entry.target));
}

/** The newest `limit` entries of one node that match, newest first. */
async function newest(
  redis: Redis,
  node: string,
  query: AuditQuery & { incident?: string },
): Promise<AuditEntry[]> {
  const found: AuditEntry[] = [];
  let end = "+";
  while (found.length < query.limit) {
    const raw = await redis.xrevrange(nodeKeys(node).audit, end, "-", "COUNT", page);
    for (const entry of raw.map(parseEntry)) {
      if (entry === undefined || !matches(entry, query)) continue;
      if (query.incident !== undefined && entry.incident !== query.incident) continue;
      found.push(entry);
    }
    const last = raw.at(-1);
    const past =
      last !== undefined && query.since !== undefined && Number.parseInt(last[0], 10) < query.since;
    if (last === undefined || raw.length < page || past) break;
    end = `(${last[0]}`;
  }
  return found.slice(0, query.limit);
}

/** The newest `limit` entries of these nodes that match, oldest first. */
export async function readAudit(
  redis: Redis,
  nodes: readonly string[],
  query: AuditQuery & { incident?: string },
): Promise<AuditEntry[]> {
  const lists = await Promise.all(nodes.map((node) => newest(redis, node, query)));
  const merged = lists.flat().sort((a, b) => a.at - b.at || compareIds(a.id, b.id));
  return merged.slice(-query.limit);
}

/** Entries of one node's stream after `id` (`$`: only new ones), oldest first, as they come, until aborted. `redis` is used by this alone. */
export async function* followStream(
  redis: Redis,
  { node, after, signal }: { node: string; after: string; signal: AbortSignal },
): AsyncGenerator<AuditEntry> {
  let last = after;
  while (!signal.aborted) {
    const answer = await redis.xread("COUNT", page, "BLOCK", 1_000, "STREAMS", nodeKeys(node).audit, last);
    for (const raw of answer?.[0]?.[1] ?? []) {
      last = raw[0];
      const entry = parseEntry(raw);
      if (entry !== undefined) yield entry;
    }
  }
}

/** The id of the newest entry, from which one may follow without a gap; `0-0` for an empty stream. */
export async function lastEntryId(redis: Redis, node: string): Promise<string> {
  const [entry] = await redis.xrevrange(nodeKeys(node).audit, "+", "-", "COUNT", 1);
  return entry?.[0] ?? "0-0";
}

/** Stream ids in order of time: milliseconds, then counter. */
function compareIds(a: string, b: string): number {
  const [aMs = "0", aSeq = "0"] = a.split("-");
  const [bMs = "0", bSeq = "0"] = b.split("-");
  return Number(aMs) - Number(bMs) || Number(aSeq) - Number(bSeq);
}
