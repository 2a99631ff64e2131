import type { Dispatch } from "../jobs/context.ts";

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
      if (!away()) throw error;
      return use(local);
    }
  };
  return {
    heal: (order) => either((dispatch) => dispatch.heal(order)),
    healAndWait: (order) => (away() ? local.healAndWait(order) : queues.healAndWait(order)),
    look: (targets, delay) => either((dispatch) => dispatch.look(targets, delay)),
    alert: (alert, to) => either((dispatch) => dispatch.alert(alert, to)),
    healInFlight: (target) => either((dispatch) => dispatch.healInFlight(target)),
  };
}
