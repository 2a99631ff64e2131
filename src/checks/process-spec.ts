import { join, parse, resolve } from "node:path";
import { copyName, numberVariable, oneCopy, whoseCopy } from "../model/copies.ts";
import type { ProcessSpec } from "../model/process.ts";
import type { Target } from "../model/target.ts";
import { defaultLogPath } from "../system/layout.ts";
import type { ProcessFields } from "./process-fields.ts";

/** A process with `health`, `output` or `heartbeat` shows by them that it works; another one by living this long. */
export const defaultStableFor = 1_000;

/** How a process is stopped that does not say how. */
export const defaultStop = { signal: "SIGTERM", timeout: 10_000 } as const;

/** How a target's process is started; undefined for what healq does not start (other kinds, and processes without `run`). */
export function processSpecOf(target: Target, stateDir: string): ProcessSpec | undefined {
  if (target.kind !== "process") return undefined;
  // The config fills `spec` with what the schema of the target's kind parsed.
  const fields = target.spec as ProcessFields;
  if (fields.run === undefined) return undefined;
  const { stop, log, instances } = fields;
  const { copy } = whoseCopy(target.id);
  const name = copyName(whoseCopy(target.id).id, copy);
  return {
    id: name,
    run: fields.run,
    cwd: resolve(target.base, fields.cwd ?? "."),
    env: { ...(instances !== undefined && { [numberVariable]: String(copy) }), ...fields.env },
    ...(fields.envFile !== undefined && { envFile: resolve(target.base, fields.envFile) }),
    ...(fields.user !== undefined && { user: fields.user }),
    ...(fields.nice !== undefined && { nice: fields.nice }),
    ...(fields.umask !== undefined && { umask: fields.umask }),
    stop: stop === undefined || Array.isArray(stop) ? defaultStop : stop,
    startGrace: fields.startGrace,
    stableFor: fields.stableFor ?? defaultStableFor,
    log: {
      path:
        log?.path === undefined
          ? defaultLogPath(stateDir, name)
          : logOfCopy(resolve(target.base, log.path), copy),
      maxSize: log?.maxSize ?? 10_000_000,
      keep: log?.keep ?? 5,
    },
    restart: fields.restart ?? "always",
    exitCodes: fields.exitCodes ?? [0],
    ...(fields.console !== undefined && { console: fields.console }),
    ...(instances !== undefined && { instances }),
  };
}

/** Copies do not share a log: of `app.log` the second copy's is `app@2.log`. */
function logOfCopy(path: string, copy: number): string {
  if (copy === 1) return path;
  const { dir, name, ext } = parse(path);
  return join(dir, `${name}@${copy}${ext}`);
}

/** The specs of all copies of a target that healq starts; of one without `instances` its only one. */
export function processSpecsOf(target: Target, stateDir: string): ProcessSpec[] {
  const spec = processSpecOf(target, stateDir);
  if (spec?.instances === undefined) return spec === undefined ? [] : [spec];
  return Array.from(
    { length: spec.instances },
    (_, i) => processSpecOf(oneCopy(target, i + 1), stateDir) ?? spec,
  );
}
