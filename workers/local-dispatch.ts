import { setTimeout as pause } from "node:timers/promises";
import { type AlertContext, runAlert } from "../jobs/alert.ts";
import { runCheck } from "../jobs/check.ts";
import type { Dispatch, HealContext, HealOrder } from "../jobs/context.ts";
import { runHeal } from "../jobs/heal.ts";
import { orAborted } from "../src/lib/or-aborted.ts";
import { messageOf } from "../src/model/errors.ts";
import type { HealResult } from "../src/model/heal.ts";

/** Does things directly while there is no queue. */
export interface LocalDispatch extends Dispatch {
  stop(): void;
}

/**
 * The supervisor's hands while Redis is away: the same checks, the same heals with the same guards, run in this process.
 * What they do is journalled by the store.
 */
export function createLocalDispatch(context: () => HealContext & AlertContext): LocalDispatch {
  const inFlight = new Map<string, Promise<HealResult>>();
  const timers = new Set<NodeJS.Timeout>();
  const stopping = new AbortController();
  const complain = (error: unknown) => context().log.error({}, `without Redis: ${messageOf(error)}`);

  const heal = (order: HealOrder): Promise<HealResult> => {
    const running = inFlight.get(order.target);
    if (running !== undefined) return running;
    let lookIn = 0;
    const heard = (delay: number) => {
      lookIn = delay;
    };
    const started = climb(order, context(), { signal: stopping.signal, heard }).finally(() => {
      inFlight.delete(order.target);
      look([order.target], lookIn);
    });
    inFlight.set(order.target, started);
    return started;
  };
  const look = (targets: readonly string[], delay = 0) => {
    if (stopping.signal.aborted) return;
    const timer = setTimeout(() => {
      timers.delete(timer);
      runCheck(targets, "event", context()).catch(complain);
    }, delay);
    timers.add(timer);
  };

  return {
    heal: async (order) => {
      heal(order).catch(complain);
    },
    healAndWait: (order, signal) => orAborted(heal(order), signal),
    look: async (targets, delay) => look(targets, delay),
    alert: async (alert, { channel, key }) => {
      const job = { id: key, channel, alert, last: true, signal: stopping.signal };
      runAlert(job, context()).catch(complain);
    },
    healInFlight: async (target) => inFlight.has(target.id),
    stop: () => {
      stopping.abort();
      for (const timer of timers) clearTimeout(timer);
    },
  };
}

/** What BullMQ does with attempts and back-off, in memory. `heard` is told when to look again, in milliseconds. */
async function climb(
  order: HealOrder,
  context: HealContext,
  { signal, heard }: { signal: AbortSignal; heard: (lookIn: number) => void },
): Promise<HealResult> {
  const { attempts, dryRun, ...rest } = order;
  const data = { ...rest, ...(dryRun ? { dryRun } : {}) };
  const id = `local.${order.target}.${context.clock.now()}`;
  const say = (line: string) => context.log.info({ target: order.target }, context.redact(line));
  const keepApplied = () => undefined;
  for (let attempt = 0; ; attempt += 1) {
    const job = { id, data, attempt, first: attempt === 0, attempts, signal, say, keepApplied };
    const ended = await runHeal(job, context);
    if (ended.type === "done") {
      if (ended.lookIn !== undefined) heard(ended.lookIn);
      return ended.result;
    }
    if (ended.type === "failed") throw new Error(ended.reason);
    await pause(ended.retryIn, undefined, { signal });
  }
}
