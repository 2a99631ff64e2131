import type { Config } from "../model/config.ts";
import type { UnreachableError } from "../model/errors.ts";
import { readLocalStatus } from "../views/local-status.ts";
import { only, type ShownStatus } from "./shown-status.ts";
import { requireKnown } from "./targets.ts";

/** This node's status without Redis, saying why and how old it is. Throws `unreachable` when there is no `status.json`. */
export async function localStatus(
  config: Config,
  names: readonly string[],
  unreachable: UnreachableError,
): Promise<ShownStatus> {
  requireKnown(names, config, []);
  const local = await readLocalStatus(config, Date.now());
  if (local === undefined) throw unreachable;
  const note = `healq: ${unreachable.message}\nhealq: this is what ${local.file} says, written ${local.age} ago`;
  return { view: only(local.view, names), pauses: local.pauses, note };
}
