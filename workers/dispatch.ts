import type { Dispatch } from "../jobs/context.ts";
import { HealqError } from "../src/model/errors.ts";

/**
 * Over the queues while Redis is there, else directly. `away` says which; a queue that fails although it seemed to be there
 * is answered directly too, so that an exit that was seen is never lost.
 */
export function createDispatch(options: {
  queues: Dispatch;
  local: Dispatch;
  away: () => boolean;
}): Dispatch {
  const { queues, local, away } = options;
  const either = async <T>(use: (dispatch: Dispatch) => Promise<T>): Promise<T> => {
    if (away()) return use(local);
    try {
      return await use(queues);
    } catch (error) {
      // It is not in this config: nobody here could do it.
      if (error instanceof HealqError && error.code === "unknown-target") throw error;
      return use(local);
    }
  };
  return {
    heal: (order) => either((dispatch) => dispatch.heal(order)),
    healAndWait: (order, signal) => (away() ? local : queues).healAndWait(order, signal),
    look: (targets, delay) => either((dispatch) => dispatch.look(targets, delay)),
    alert: (alert, to) => either((dispatch) => dispatch.alert(alert, to)),
    // One that began while Redis was away goes on when it is back.
    healInFlight: async (target) =>
      (await local.healInFlight(target)) || either((dispatch) => dispatch.healInFlight(target)),
  };
}
