import { plain } from "../lib/plain.ts";
import { withSignal } from "../lib/with-signal.ts";
import { wrapArgv } from "../system/argv.ts";
import { childEnvironment, markerName } from "../system/environment.ts";
import { findProgram, notStarted } from "../system/program.ts";
import { runProgram } from "../system/run-program.ts";
import type { ManagerCommand } from "../system/unit.ts";
import { untrustedProgram } from "./untrusted-program.ts";

/** What a manager's command printed, or why it could not be asked. `complaint` is the last line of its stderr, made plain. */
export type Told =
  | { readonly said: string; readonly stderr: string; readonly code: number; readonly complaint: string }
  | { readonly problem: string };

/** A manager that hangs is not waited for any longer, in milliseconds. */
const answerWithin = 5_000;

/** All that is kept of one answer, in bytes: pm2 tells the whole environment of each app. */
const answerLimit = 8 * 1024 * 1024;

/** Asks a manager by its own command. Never rejects. */
export async function askManager({ argv, env, user }: ManagerCommand, signal: AbortSignal): Promise<Told> {
  const [name, ...words] = argv;
  const environment = childEnvironment({ env }, { env: process.env, marker: "" });
  if ("problem" in environment) return environment;
  const { [markerName]: _, ...own } = environment.env;
  const program = findProgram(name, { cwd: "/", path: own.PATH });
  if ("problem" in program) return { problem: `${program.problem}; ${name} must be on healq's PATH` };
  const asOther = process.geteuid?.() === 0 && user !== undefined;
  const distrust = asOther ? undefined : untrustedProgram(program.path);
  if (distrust !== undefined) return { problem: distrust };
  const who = user === undefined ? {} : { user };
  const wrapped = wrapArgv({ run: [program.path, ...words], cwd: "/", ...who }, own.PATH);
  if ("problem" in wrapped) return wrapped;
  const [first, ...rest] = wrapped.argv;
  const wrapper = findProgram(first, { cwd: "/", path: own.PATH });
  if ("problem" in wrapper) return wrapper;
  const ran = await withSignal({ signals: [signal], timeout: answerWithin }, (within) =>
    runProgram({
      argv: [wrapper.path, ...rest],
      cwd: "/",
      env: { ...own, ...wrapped.env, ...env },
      signal: within,
      limit: answerLimit,
    }),
  );
  if (ran.end === "aborted") return { problem: `${name} did not answer within ${answerWithin / 1_000} s` };
  if (ran.end === "not started") return { problem: notStarted(name, ran.error) };
  if (ran.end === "signal") return { problem: `${name} was killed by ${ran.signal}` };
  const complaint = plain(ran.stderr.trim().split("\n").at(-1) ?? "");
  return { said: ran.stdout, stderr: ran.stderr, code: ran.code, complaint };
}

/** Why an answer could not be had, for a person. */
export function failedWith(name: string, { code, complaint }: Extract<Told, { said: string }>): string {
  return `${name}: ${complaint === "" ? `exit code ${code}` : complaint}`;
}
