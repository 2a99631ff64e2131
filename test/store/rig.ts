import type { AuditNote } from "../../src/model/audit.ts";
import type { TargetState } from "../../src/model/state.ts";
import { initialState } from "../../src/policy/initial.ts";
import { seal } from "../../src/store/envelope.ts";
import type { Change } from "../../src/store/target-store.ts";

/** A note that is told apart by its reason. */
export function noteOf(reason: string, more: Partial<AuditNote> = {}): AuditNote {
  return { at: 1_000, event: "check.changed", target: "it", reason, ...more };
}

/** A state that is told apart by how many heals it counts. */
export function stateWith(ok: number): TargetState {
  return { ...initialState(1_000), heals: { ok, failed: 0 } };
}

/** The change of `it` to a state with `ok` heals. */
export function changeTo(ok: number, more: Partial<Change> = {}): Change {
  return { target: "it", after: seal(stateWith(ok), `change-${ok}`), notes: [noteOf(`now ${ok}`)], ...more };
}

/** Texts stay as they are. */
export const plainly = (text: string): string => text;
