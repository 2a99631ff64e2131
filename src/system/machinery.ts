import type { Clock } from "../lib/clock.ts";
import { HealqError } from "../model/errors.ts";
import type { ProcessSpec } from "../model/process.ts";
import type { Target } from "../model/target.ts";
import type { Consoles } from "./consoles.ts";
import type { Exits } from "./exits.ts";
import type { Ledger } from "./ledger.ts";
import { type Marks, markerPrefix } from "./members.ts";

/** What the start, the stop and the recovery of processes have in common. */
export interface Machinery {
  readonly stateDir: string;
  readonly specOf: (target: Target) => ProcessSpec | undefined;
  readonly clock: Clock;
  readonly log: (line: string) => void;
  readonly ledger: Ledger;
  readonly exits: Exits;
  readonly consoles: Consoles;
  /** Kept from the processes' environment. */
  readonly redisUrl?: string | undefined;
}

/** The spec of a target that healq starts; a `HealqError` for any other. */
export function specFor(machinery: Pick<Machinery, "specOf">, target: Target): ProcessSpec {
  const spec = machinery.specOf(target);
  if (spec !== undefined) return spec;
  throw new HealqError("not-ours", `${target.id} has no \`run\`: healq does not start or stop it`);
}

/** What marks the processes of a target now. */
export function marksOf(at: Pick<Machinery, "stateDir" | "ledger">, id: string): Marks {
  return {
    prefix: markerPrefix(at.stateDir, id),
    fifo: at.ledger.fifo(id),
    leader: at.ledger.record(id)?.identity,
  };
}
