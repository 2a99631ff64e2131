import { resolve } from "node:path";
import * as z from "zod";
import { argv } from "../lib/fields.ts";
import { HealqError } from "../model/errors.ts";
import type { Target } from "../model/target.ts";
import { markerName } from "../system/environment.ts";
import { type Finder, findProcesses } from "../system/find.ts";
import { environValue, lifeOf } from "../system/procfs.ts";
import { type Unit, unitOf } from "../system/unit.ts";

type Words = readonly [string, ...string[]];

/** How a process target can be stopped: healq's own way, for what it started itself, a command of the config, or its manager's own. */
export type StopWay =
  | { readonly by: "healq"; readonly signal: string; readonly timeout: number }
  | { readonly by: "command"; readonly argv: Words }
  | { readonly by: "manager"; readonly unit: Unit };

/** How it can be started. */
export type StartWay =
  | { readonly by: "healq"; readonly run: Words }
  | { readonly by: "command"; readonly argv: Words }
  | { readonly by: "manager"; readonly unit: Unit };

/** What the spec of a process target says about stopping and starting it. */
export interface ProcessWays {
  /** Absent when there is none: it is only looked at. */
  readonly stop?: StopWay;
  readonly start?: StartWay;
  readonly user?: string;
}

const stopSchema = z.looseObject({
  signal: z.string().default("SIGTERM"),
  timeout: z.number().default(10_000),
});

// Only what the remedies need of it; the kind's own schema has parsed it already.
const specSchema = z.looseObject({
  run: argv().optional(),
  start: argv().optional(),
  stop: z.union([argv(), stopSchema]).optional(),
  match: z.string().optional(),
  pidFile: z.string().optional(),
  port: z.number().optional(),
  user: z.string().optional(),
  systemd: z.object({ unit: z.string(), user: z.boolean() }).optional(),
  docker: z.string().optional(),
  pm2: z.object({ name: z.string(), home: z.string().optional() }).optional(),
});

/** Reads the spec of a process target; `base` is the folder of the config, where a relative `home` of pm2 starts. */
export function waysOf(spec: unknown, base = "/"): ProcessWays {
  const parsed = specSchema.safeParse(spec);
  if (!parsed.success) return {};
  const { run, start, stop, user, pm2 } = parsed.data;
  const home = pm2?.home === undefined ? {} : { home: resolve(base, pm2.home) };
  const unit = unitOf({ ...parsed.data, ...(pm2 === undefined ? {} : { pm2: { ...pm2, ...home } }) });
  if (unit !== undefined)
    return {
      start: { by: "manager", unit },
      stop: { by: "manager", unit },
      ...(user === undefined ? {} : { user }),
    };
  return {
    ...(start !== undefined
      ? { start: { by: "command", argv: start } }
      : run !== undefined
        ? { start: { by: "healq", run } }
        : {}),
    ...stopWay({ run, stop }),
    ...(user === undefined ? {} : { user }),
  };
}

function stopWay({ run, stop }: Pick<z.output<typeof specSchema>, "run" | "stop">): { stop?: StopWay } {
  if (Array.isArray(stop)) return { stop: { by: "command", argv: stop } };
  if (run === undefined) return {};
  const { signal, timeout } = stopSchema.parse(stop ?? {});
  return { stop: { by: "healq", signal, timeout } };
}

/**
 * Throws when the target is running but was started by somebody else, and there is no `stop:` command: healq never
 * ends a process it only found, and must not start a second copy beside it.
 */
export function refuseForeign(target: Target): void {
  const finder = finderOf(target);
  if (finder === undefined || waysOf(target.spec).stop?.by !== "healq") return;
  const foreign = findProcesses(finder).found.find(
    ({ identity, stat }) =>
      lifeOf(stat) === "alive" && environValue(identity.pid, markerName)?.includes(`/${target.id}/`) !== true,
  );
  if (foreign === undefined) return;
  throw new HealqError(
    "not-ours",
    `${target.id} runs as pid ${foreign.identity.pid}, which healq did not start and so does not end; end it by hand, or give the target start: and stop: commands instead of run:`,
  );
}

/** How the process is found among those of the machine, whoever started it; undefined when it is known by its start. */
function finderOf(target: Target): Finder | undefined {
  const { match, pidFile, port, user } = specSchema.safeParse(target.spec).data ?? {};
  if (match !== undefined) return { match: new RegExp(match), ...(user === undefined ? {} : { user }) };
  if (pidFile !== undefined) return { pidFile: resolve(target.base, pidFile) };
  return port === undefined ? undefined : { port };
}
