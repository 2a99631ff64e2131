import { kindOf } from "../checks/registry.ts";
import { redactorFor } from "../config/secrets.ts";
import { systemClock } from "../lib/clock.ts";
import { createKept } from "../look/kept.ts";
import { createLooker } from "../look/looker.ts";
import { createMemories } from "../look/memories.ts";
import { isOn } from "../model/config.ts";
import { exitCodes, UsageError } from "../model/errors.ts";
import type { Observation } from "../model/observation.ts";
import { readProcesses } from "../system/read-processes.ts";
import { observationTable } from "../views/observation-table.ts";
import { observationsView } from "../views/observations.ts";
import type { CommandContext } from "./context.ts";
import { configOf } from "./load-config.ts";
import { targetsNamed } from "./targets.ts";

/** `healq check`: looks once, without Redis and without a running healq; 1 when any target is critical or unknown. */
export async function runCheck(context: CommandContext, names: readonly string[]): Promise<number> {
  const config = await configOf(context);
  const targets = targetsNamed(config, names);
  const elsewhere = targets.find((target) => !isOn(target, config.node));
  if (elsewhere !== undefined) {
    throw new UsageError(
      `${elsewhere.id} is not on ${config.node}, and \`healq check\` only looks from here; look from its own node`,
    );
  }
  const at = systemClock.now();
  const processes = readProcesses(config.stateDir);
  const redact = redactorFor(config, process.env);
  const waitsForCalls = targets.some(({ kind }) => kind === "heartbeat");
  const reached = waitsForCalls ? await (await import("./calls.ts")).reachCalls(config) : undefined;
  const calls = reached?.calls === undefined ? {} : { calls: reached.calls };
  const memoryOf = createMemories({ kept: createKept({ stateDir: config.stateDir, access: "read" }) });
  const looker = createLooker({ kindOf, processes, clock: systemClock, redact, memoryOf, ...calls });
  const found = new Map<string, Observation>();
  try {
    await looker.look(targets, (observation) => void found.set(observation.target, observation));
  } finally {
    looker.close();
    memoryOf.close();
    reached?.close();
  }
  const observations = targets.flatMap((target) => found.get(target.id) ?? []);
  const view = observationsView({ node: config.node, at, observations });
  if (context.json) context.terminal.json(view);
  else context.terminal.out(observationTable(view, context.terminal.style()));
  const isBad = observations.some(({ status }) => status === "critical" || status === "unknown");
  return isBad ? exitCodes.bad : exitCodes.ok;
}
