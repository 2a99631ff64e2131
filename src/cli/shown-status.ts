import { exitCodes } from "../model/errors.ts";
import type { Pause } from "../model/fleet.ts";
import type { StatusView } from "../views/status.ts";

/** A status as it is shown: the view, who paused, and what is to be said beside it. */
export interface ShownStatus {
  readonly view: StatusView;
  readonly pauses: readonly Pause[];
  /** For stderr. */
  readonly note?: string;
}

/** 1 when any target is critical or unknown. */
export function statusCode(view: StatusView): number {
  const isBad = view.targets.some((target) => target.status === "critical" || target.status === "unknown");
  return isBad ? exitCodes.bad : exitCodes.ok;
}

/** The view of the targets named; all of them without names. */
export function only(view: StatusView, names: readonly string[]): StatusView {
  return names.length === 0
    ? view
    : { ...view, targets: view.targets.filter((target) => names.includes(target.id)) };
}
