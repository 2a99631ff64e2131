import { nearest } from "../config/suggest.ts";
import type { Config } from "../model/config.ts";
import type { FleetReader } from "../model/fleet.ts";
import { fromRedis } from "./bounded.ts";
import { WebError } from "./errors.ts";

/** Throws a 404 with a did-you-mean when no target has this id: neither in this node's config nor on another node. */
export async function assertKnown(
  ids: readonly string[],
  fleet: { config: Config; reader: FleetReader },
): Promise<void> {
  const unknown = ids.filter((id) => !fleet.config.targets.has(id));
  if (unknown.length === 0) return;
  const known = new Set([...fleet.config.targets.keys(), ...(await announced(fleet.reader))]);
  const missing = unknown.find((id) => !known.has(id));
  if (missing === undefined) return;
  const hint = nearest(missing, known);
  const meant = hint === undefined ? "GET /api/status lists all" : `did you mean ${hint}?`;
  throw new WebError(
    404,
    "unknown-target",
    `there is no target named ${JSON.stringify(missing.slice(0, 64))}; ${meant}`,
  );
}

async function announced(reader: FleetReader): Promise<string[]> {
  return (await fromRedis(reader.targets())).map(({ id }) => id);
}
