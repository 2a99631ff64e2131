import type { Config } from "../model/config.ts";
import { UnreachableError } from "../model/errors.ts";
import type { FleetReader } from "../model/fleet.ts";
import { type FleetClient, withClient } from "./client.ts";
import { requireKnown } from "./targets.ts";

/**
 * Runs with a client about these targets. A name that the config does not know may be one of another node; when nobody
 * can be asked it is a `UsageError`: that is likelier, and more of use, than the Redis that is away.
 */
export async function withFleet<T>(
  config: Config,
  names: readonly string[],
  use: (client: FleetClient) => Promise<T>,
): Promise<T> {
  try {
    return await withClient(config, use);
  } catch (error) {
    if (error instanceof UnreachableError) requireKnown(names, config, []);
    throw error;
  }
}

/**
 * Refuses a request that nobody would do: a `UsageError` for a target nobody knows, an `UnreachableError` when no node
 * that has it is running. Better said at once than after a minute of waiting.
 */
export async function requireNodeFor(name: string, config: Config, reader: FleetReader): Promise<void> {
  const problem = (await withoutNode([name], config, reader)).get(name);
  if (problem !== undefined) throw new UnreachableError(problem);
}

/** Which of these targets no running node looks after, and the sentence that says so. Throws a `UsageError` for one nobody knows. */
export async function withoutNode(
  names: readonly string[],
  config: Config,
  reader: FleetReader,
): Promise<ReadonlyMap<string, string>> {
  const [records, nodes] = await Promise.all([reader.targets(), reader.nodes()]);
  requireKnown(names, config, records);
  const alive = new Set(nodes.filter((node) => node.alive).map((node) => node.node));
  const problems = new Map<string, string>();
  for (const name of names) {
    const places = placesOf(name, config, records);
    if (places.includes("any") ? alive.size > 0 : places.some((node) => alive.has(node))) continue;
    const where = places.includes("any") ? "any node" : places.join(" or ");
    problems.set(
      name,
      `healq is not running on ${where}, which looks after ${name}; start it there with \`healq up\``,
    );
  }
  return problems;
}

/** The nodes that a target is on, as the config and the nodes themselves say; `any` for one of any node. */
export function placesOf(
  name: string,
  config: Config,
  records: readonly { id: string; node: string }[],
): string[] {
  const nodes = config.targets.get(name)?.nodes ?? [];
  if (nodes === "any") return ["any"];
  return [
    ...new Set([...nodes, ...records.filter((record) => record.id === name).map((record) => record.node)]),
  ];
}
