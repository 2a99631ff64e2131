import { join } from "node:path";
import { accountOf } from "./account.ts";

/** A process that another manager starts and stops: healq asks that manager, and never signals it. */
export type Unit =
  | { readonly manager: "systemd"; readonly name: string; readonly ofUser: boolean }
  | { readonly manager: "docker"; readonly name: string }
  /** `home` is absolute; `user` is who runs pm2, when healq is root. */
  | { readonly manager: "pm2"; readonly name: string; readonly home: string; readonly user?: string };

/** The fields of a process target that name a unit, as the kind's schema parsed them. */
export interface UnitFields {
  readonly systemd?: { readonly unit: string; readonly user: boolean } | undefined;
  readonly docker?: string | undefined;
  readonly pm2?: { readonly name: string; readonly home?: string | undefined } | undefined;
  readonly user?: string | undefined;
}

/** A command of a manager. */
export interface ManagerCommand {
  readonly argv: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly user?: string;
}

/** The unit that a process target is, if it is one. */
export function unitOf(fields: UnitFields, env: NodeJS.ProcessEnv = process.env): Unit | undefined {
  const { systemd, docker, pm2, user } = fields;
  if (systemd !== undefined) return { manager: "systemd", name: systemd.unit, ofUser: systemd.user };
  if (docker !== undefined) return { manager: "docker", name: docker };
  if (pm2 === undefined) return undefined;
  const home = pm2.home ?? usualHome(user, env);
  return { manager: "pm2", name: pm2.name, home, ...(user === undefined ? {} : { user }) };
}

/** Where pm2 keeps its files. Source: pm2, paths.js. */
function usualHome(user: string | undefined, env: NodeJS.ProcessEnv): string {
  const account = user === undefined ? undefined : accountOf(user);
  if (account !== undefined && account.uid !== process.geteuid?.()) return join(account.home, ".pm2");
  return env.PM2_HOME || join(env.HOME || "/root", ".pm2");
}

/** A command line of the unit's manager, and what its environment must say. */
export function managerCommand(
  unit: Unit,
  words: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): ManagerCommand {
  if (unit.manager === "docker") return { argv: ["docker", ...words], env: {} };
  if (unit.manager === "pm2") {
    const user = unit.user === undefined ? {} : { user: unit.user };
    return { argv: ["pm2", ...words], env: { PM2_HOME: unit.home }, ...user };
  }
  if (!unit.ofUser) return { argv: ["systemctl", "--no-ask-password", ...words], env: {} };
  // Without a login session nothing says where the user's manager listens.
  const runtime = env.XDG_RUNTIME_DIR || `/run/user/${process.geteuid?.() ?? 0}`;
  return { argv: ["systemctl", "--user", ...words], env: { XDG_RUNTIME_DIR: runtime } };
}

/** What a person, or a cure, can ask a manager to do with a unit. */
export type UnitVerb = "start" | "stop" | "restart";

/** The manager's own command for it. Names were checked when the config was read; `--` keeps them from being options all the same. */
export function unitCommand(unit: Unit, verb: UnitVerb): ManagerCommand {
  // pm2 knows no `--`, and its `start` restarts what runs: whoever wants only a start looks first.
  if (unit.manager === "pm2") return managerCommand(unit, [verb === "start" ? "restart" : verb, unit.name]);
  return managerCommand(unit, [verb, "--", unit.name]);
}
