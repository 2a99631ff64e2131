import type { AnyRemedy } from "../model/remedy.ts";
import { alert } from "./alert.ts";
import { cancelBlocker } from "./cancel-blocker.ts";
import { checkpoint } from "./checkpoint.ts";
import { clean } from "./clean.ts";
import { create } from "./create.ts";
import { exec } from "./exec.ts";
import { install } from "./install.ts";
import { interrupt } from "./interrupt.ts";
import { killConnection } from "./kill-connection.ts";
import { killQuery } from "./kill-query.ts";
import { killSession } from "./kill-session.ts";
import { mkdir } from "./mkdir.ts";
import { newSession } from "./new-session.ts";
import { patch } from "./patch.ts";
import { producer } from "./producer.ts";
import { releaseLock } from "./release-lock.ts";
import { requeue } from "./requeue.ts";
import { restart } from "./restart.ts";
import { retryFailed } from "./retry-failed.ts";
import { signal } from "./signal.ts";
import { start } from "./start.ts";
import { target } from "./target.ts";
import { terminateBlocker } from "./terminate-blocker.ts";
import { wake } from "./wake.ts";
import { webhook } from "./webhook.ts";

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
  patch,
  mkdir,
  releaseLock,
  checkpoint,
  clean,
  interrupt,
  killSession,
  requeue,
  newSession,
  cancelBlocker,
  terminateBlocker,
  killQuery,
  killConnection,
  retryFailed,
  install,
  webhook,
];

const byName: ReadonlyMap<string, AnyRemedy> = new Map(remedies.map((remedy) => [remedy.remedy, remedy]));

/** The remedy of that name; undefined when there is none. */
export function remedyOf(name: string): AnyRemedy | undefined {
  return byName.get(name);
}
