import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { kindOf } from "../../src/checks/registry.ts";
import { loadConfig } from "../../src/config/load.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLooker, type Looker } from "../../src/look/looker.ts";
import type { Config } from "../../src/model/config.ts";
import type { Observation } from "../../src/model/observation.ts";
import type { Target } from "../../src/model/target.ts";
import { readProcesses } from "../../src/system/read-processes.ts";
import { prepareStateDir } from "../../src/system/state-dir.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { need } from "../support/wait.ts";
import type { Subject } from "./subjects.ts";

/** Targets to be looked at, and who looks. */
export interface Laid {
  readonly config: Config;
  readonly folder: string;
  readonly targets: readonly Target[];
  readonly looker: Looker;
}

/** Makes `count` targets of a subject, or as many as it can have. */
export async function lay(subject: Subject, count: number, cleanup: Cleanup): Promise<Laid> {
  const folder = cleanup.folder();
  const fieldsOf = await subject.lay(folder, cleanup);
  const many = Math.min(count, subject.most ?? count);
  const targets = Object.fromEntries(Array.from({ length: many }, (_, n) => [`t${n}`, fieldsOf(n)]));
  const file = join(folder, "healq.yaml");
  writeFileSync(file, JSON.stringify({ node: "bench", stateDir: "state", targets }));
  const loaded = await loadConfig(file, process.env);
  if (!loaded.ok) throw new Error(loaded.problems.map(({ message }) => message).join("\n"));
  const { config } = loaded;
  prepareStateDir(config.stateDir);
  const looker = createLooker({ kindOf, processes: readProcesses(config.stateDir), clock: systemClock });
  cleanup.add(() => looker.close());
  const laid = { config, folder, targets: [...config.targets.values()], looker };
  subject.begin?.(laid, cleanup);
  return laid;
}

/** Looks at all of them once. Rejects when one is not well: then something else would be measured. */
export async function tick({ looker, targets }: Pick<Laid, "looker" | "targets">): Promise<void> {
  const unwell: Observation[] = [];
  await looker.look(targets, (observation) => {
    if (observation.status !== "ok") unwell.push(observation);
  });
  const [first] = unwell;
  if (first !== undefined)
    throw new Error(`${unwell.length} targets are not well: ${first.target}: ${first.message}`);
}

/** Looks until all are well (a process is believed when it has lived for a second), and then some times more. */
export async function warmUp(laid: Laid): Promise<void> {
  const isWell = () =>
    tick(laid).then(
      () => true,
      () => false,
    );
  await need(isWell, { within: 30_000, what: "all targets are well" });
  for (let n = 0; n < 5; n += 1) await tick(laid);
}
