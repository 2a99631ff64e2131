import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { messageOf } from "../model/errors.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Target } from "../model/target.ts";
import { childEnvironment } from "../system/environment.ts";
import { isAlive } from "../system/procfs.ts";

/** The fields that say where variables are looked for. */
interface Wanted {
  readonly env: readonly string[];
  readonly envFile?: string | undefined;
  readonly of?: string | undefined;
}

/** The environments that a look is about. */
export interface Environments {
  /** What healq would give a process. */
  readonly own: Readonly<Record<string, string>>;
  /** Where variables are looked for: that, or the running process's own; undefined while the process that is named does not run. */
  readonly looked: Readonly<Record<string, string>> | undefined;
}

/** The environments, or why they cannot be had. */
export function environmentsOf(
  { spec, base }: Target<Wanted>,
  context: CheckContext,
): Environments | { readonly problem: string } {
  const envFile = spec.envFile === undefined ? {} : { envFile: resolve(base, spec.envFile) };
  const made = childEnvironment({ env: {}, ...envFile }, { env: process.env, marker: "" });
  if ("problem" in made) return made;
  const own = made.env;
  if (spec.of === undefined || spec.env.length === 0) return { own, looked: own };
  const { identity } = context.processes.read(spec.of);
  if (identity === undefined || isAlive(identity) !== "alive") return { own, looked: undefined };
  try {
    const looked = parsed(readFileSync(`/proc/${identity.pid}/environ`, "utf8"));
    // It may have ended meanwhile, and its pid be another's.
    return { own, looked: isAlive(identity) === "alive" ? looked : undefined };
  } catch (error) {
    return { problem: `the environment of ${spec.of} cannot be read: ${messageOf(error)}` };
  }
}

/** The variables that are not set, or empty. */
export function missingVariables(names: readonly string[], { looked }: Environments): string[] {
  return looked === undefined ? [] : names.filter((name) => (looked[name] ?? "") === "");
}

/** As it was when the process started; what it changes later does not show. Source: proc_pid_environ(5). */
function parsed(environ: string): Record<string, string> {
  return Object.fromEntries(
    environ.split("\0").flatMap((entry) => {
      const at = entry.indexOf("=");
      return at > 0 ? [[entry.slice(0, at), entry.slice(at + 1)]] : [];
    }),
  );
}
