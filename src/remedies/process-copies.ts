import { setTimeout as sleep } from "node:timers/promises";
import * as z from "zod";
import { copiesIn, copyName, instancesOf, oneCopy, whoseCopy } from "../model/copies.ts";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext } from "../model/remedy.ts";
import { isAlive } from "../system/procfs.ts";
import { isNew, livingPid, startStep, stopSteps } from "./process-steps.ts";
import type { ProcessWays, StartWay } from "./process-ways.ts";
import type { CureStep } from "./steps.ts";

/** Whether a target has copies, or some are left of a config that had them. */
export function hasCopies({ target, processes }: RemedyContext): boolean {
  const { spec } = target;
  const given =
    typeof spec === "object" && spec !== null && "instances" in spec && spec.instances !== undefined;
  return given || processes.copies().has(target.id);
}

/**
 * The restart of a target with copies. Of a fault that names copies only those are restarted, and of dead ones only what does not
 * run is started; a fault of all, or a person, restarts them one after the other: each must live for `stableFor` before
 * the next one is stopped, so that a program that cannot start any more does not take the last one down.
 */
export function restartCopies(context: RemedyContext, ways: ProcessWays, start: StartWay): CureStep[] {
  const { target, finding } = context;
  const surplus = surplusSteps(context);
  if (finding?.symptom === "process.duplicate") {
    if (surplus.length > 0) return surplus;
    const message = `${target.id}: what was started by somebody else is not ended; end it by hand`;
    throw new HealqError("not-ours", message);
  }
  const onlyDead = finding?.symptom === "process.dead" || finding?.symptom === "process.zombie";
  const concerned = copiesIn(finding) ?? numbersOf(context);
  const due = concerned.filter((copy) =>
    onlyDead ? pidOf(context, copy) === undefined : !isNew({ ...context, target: oneCopy(target, copy) }),
  );
  const steps = due.flatMap((copy, i) => {
    const one = { ...context, target: oneCopy(target, copy) };
    const stop = stopSteps(one, ways).map((step) => ({
      ...step,
      line: step.line.replace(one.target.id, copyName(target.id, copy)),
    }));
    const begin = startOne(one, start, copy);
    return stop.length > 0 && i < due.length - 1 ? [...stop, settled(begin, one)] : [...stop, begin];
  });
  return [...surplus, ...steps];
}

/** Starts the copies that do not run, and ends those that are too many. */
export function startCopies(context: RemedyContext, start: StartWay): CureStep[] {
  const missing = numbersOf(context).filter((copy) => pidOf(context, copy) === undefined);
  const steps = missing.map((copy) =>
    startOne({ ...context, target: oneCopy(context.target, copy) }, start, copy),
  );
  const all = [...surplusSteps(context), ...steps];
  const pid = livingPid(context);
  if (all.length > 0 || pid === undefined) return all;
  const line = `all ${instancesOf(context.target.spec)} of ${context.target.id} run already: nothing to start`;
  return [{ line, act: async () => ({ pid }) }];
}

function numbersOf({ target }: RemedyContext): number[] {
  return Array.from({ length: instancesOf(target.spec) }, (_, i) => i + 1);
}

function pidOf(context: RemedyContext, copy: number): number | undefined {
  return livingPid({ ...context, target: oneCopy(context.target, copy) });
}

function startOne(one: RemedyContext, start: StartWay, copy: number): CureStep {
  const step = startStep(one, start);
  return { ...step, line: `${step.line}, copy ${copy}` };
}

const stableSchema = z.looseObject({ stableFor: z.number().default(1_000) });

/** The same start, and a wait until the copy has lived for `stableFor`; rejects when it ends before. */
function settled(step: CureStep, { target, processes, signal }: RemedyContext): CureStep {
  const { stableFor } = stableSchema.parse(target.spec);
  return {
    ...step,
    act: async () => {
      const done = await step.act();
      const { id, copy } = whoseCopy(target.id);
      const { identity } = processes.read(copyName(id, copy));
      const end = performance.now() + stableFor;
      for (;;) {
        signal.throwIfAborted();
        if (identity === undefined || isAlive(identity) !== "alive") {
          const message = `copy ${copy} of ${id} ended right after its start: the others are left as they are`;
          throw new HealqError("not-verified", message);
        }
        const left = end - performance.now();
        if (left <= 0) return done;
        await sleep(Math.min(20, left));
      }
    },
  };
}

/** Copies that run though fewer are wanted now. */
function surplusSteps({ target, processes, signal }: RemedyContext): CureStep[] {
  const count = instancesOf(target.spec);
  const surplus = (processes.copies().get(target.id) ?? []).filter((copy) => copy > count);
  const living = surplus.flatMap((copy) => {
    const name = copyName(target.id, copy);
    const { identity } = processes.read(name);
    return identity !== undefined && isAlive(identity) === "alive" ? [`${name} (pid ${identity.pid})`] : [];
  });
  if (living.length === 0) return [];
  return [
    {
      line: `stop ${living.join(", ")}: more than the ${count} wanted`,
      act: async () => {
        const { pid, others = [] } = await processes.stopSurplus(target, signal);
        return { surplus: [pid, ...others] };
      },
    },
  ];
}
