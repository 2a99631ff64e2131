import { randomUUID } from "node:crypto";
import type { AuditNote } from "../model/audit.ts";
import type { Incident } from "../model/incident.ts";
import type { TargetState } from "../model/state.ts";
import { type Read, seal } from "./envelope.ts";
import type { TargetStore } from "./target-store.ts";

/** What a change makes of a state. The same state object and no notes: nothing is written. */
export interface Next {
  readonly state: TargetState;
  readonly notes: readonly AuditNote[];
  readonly incident?: Incident;
  /** A change of the same name is written once, whoever comes with it again after a crash. Default: a name of its own. */
  readonly name?: string;
}

/** How often a change is tried anew when others change the same target at the same time. */
const tries = 50;

/**
 * Changes a target's state by compare-and-set: reads it, asks `next` what it becomes, writes that with its notes; when
 * somebody else was faster, all of it again. `next` may run several times and must do nothing else. `known` is what was
 * read a moment ago, if it was: it saves the first reading.
 */
export async function changeState<T extends Next>(
  store: TargetStore,
  target: string,
  next: (state: TargetState | undefined) => T | Promise<T>,
  known?: { readonly read: Read | undefined },
): Promise<T> {
  for (let n = 0; n < tries; n += 1) {
    const read = n === 0 && known !== undefined ? known.read : (await store.read([target])).get(target);
    const result = await next(read?.state);
    if (result.state === read?.state && result.notes.length === 0) return result;
    const done = await store.commit({
      target,
      ...(read === undefined ? {} : { before: read.raw }),
      after: seal(result.state, result.name ?? randomUUID()),
      notes: result.notes,
      ...(result.incident === undefined ? {} : { incident: result.incident }),
    });
    if (done) return result;
  }
  throw new Error(`the state of ${target} changed ${tries} times while it was being written`);
}
