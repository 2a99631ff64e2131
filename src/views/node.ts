import type { NodeRecord } from "../model/fleet.ts";
import { iso } from "./time.ts";

/** A node as `healq nodes --json` shows it; what was never said is null. */
export interface NodeView {
  readonly node: string;
  readonly alive: boolean;
  readonly host: string | null;
  readonly pid: number | null;
  readonly version: string | null;
  readonly startedAt: string | null;
  readonly seenAt: string | null;
  /** How many targets it has. */
  readonly targets: number;
}

/** A node as JSON shows it. One that stopped in good order no longer says anything about itself. */
export function nodeView(record: NodeRecord): NodeView {
  const said = record.seenAt > 0;
  return {
    node: record.node,
    alive: record.alive,
    host: said ? record.host : null,
    pid: said ? record.pid : null,
    version: said ? record.version : null,
    startedAt: said ? iso(record.startedAt) : null,
    seenAt: said ? iso(record.seenAt) : null,
    targets: record.targets.length,
  };
}
