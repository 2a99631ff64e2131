import { userInfo } from "node:os";
import type { ProcessSpec } from "../model/process.ts";
import { accountOf } from "./account.ts";
import { findProgram } from "./program.ts";

/** What is really executed, and what the environment gains by it; or why it cannot be. */
export type Argv =
  | { readonly argv: readonly [string, ...string[]]; readonly env: Readonly<Record<string, string>> }
  | { readonly problem: string };

/** Fixed text; what is configured comes to it as arguments only. */
const umaskScript = 'umask "$1"; shift; exec "$@"';

/**
 * Puts `nice`, `user` and `umask` before the program, each by a small program that ends in exec: the pid stays the
 * same. `nice` comes first, since a negative one wants the rights that `setpriv` gives up.
 * `user` is root's alone; setpriv and not libuv's uid, which drops the supplementary groups.
 */
export function wrapArgv(
  spec: Pick<ProcessSpec, "run" | "user" | "nice" | "umask" | "cwd">,
  path: string | undefined,
): Argv {
  const before: string[] = [];
  let env: Record<string, string> = {};
  if (spec.nice !== undefined) before.push("nice", "-n", String(spec.nice), "--");
  if (spec.user !== undefined) {
    const change = changeUser(spec.user);
    if ("problem" in change) return change;
    before.push(...change.argv);
    env = change.env;
  }
  if (spec.umask !== undefined) {
    if (!/^[0-7]{1,4}$/.test(spec.umask))
      return { problem: `umask ${JSON.stringify(spec.umask)} is not octal digits` };
    before.push("sh", "-c", umaskScript, "sh", spec.umask);
  }
  for (const helper of ["nice", "setpriv", "sh"].filter((name) => before.includes(name))) {
    const found = findProgram(helper, { cwd: spec.cwd, path });
    if ("problem" in found)
      return {
        problem: `${found.problem}; it is needed for ${helper === "nice" ? "nice" : helper === "sh" ? "umask" : "user"}`,
      };
  }
  const [first = spec.run[0], ...rest] = [...before, ...spec.run];
  return { argv: [first, ...rest], env };
}

function changeUser(user: string): { argv: string[]; env: Record<string, string> } | { problem: string } {
  const account = accountOf(user);
  if (account === undefined) return { problem: `unknown user: ${user}` };
  const own = process.geteuid?.();
  if (own === account.uid) return { argv: [], env: {} };
  if (own !== 0) {
    return {
      problem: `only root can start a process as another user (user: ${user}); healq runs as ${nameOfOwn()}`,
    };
  }
  return {
    argv: ["setpriv", `--reuid=${account.uid}`, `--regid=${account.gid}`, "--init-groups", "--"],
    env: { HOME: account.home, USER: account.name, LOGNAME: account.name },
  };
}

function nameOfOwn(): string {
  try {
    return userInfo().username;
  } catch {
    // A uid without an account, as containers have them.
    return `uid ${process.geteuid?.() ?? "?"}`;
  }
}
