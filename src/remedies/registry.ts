import type { AnyRemedy } from "../model/remedy.ts";
import { alert } from "./alert.ts";
import { create } from "./create.ts";
import { exec } from "./exec.ts";
import { producer } from "./producer.ts";
import { restart } from "./restart.ts";
import { signal } from "./signal.ts";
import { start } from "./start.ts";
import { target } from "./target.ts";
import { wake } from "./wake.ts";

/** All remedies: a new one is one file and one line here. */
export const remedies: readonly AnyRemedy[] = [
  restart,
  start,
  create,
  producer,
  target,
  wake,
  exec,
  signal,
  alert,
];

const byName: ReadonlyMap<string, AnyRemedy> = new Map(remedies.map((remedy) => [remedy.remedy, remedy]));

/** The remedy of that name; undefined when there is none. */
export function remedyOf(name: string): AnyRemedy | undefined {
  return byName.get(name);
}
