import { constants } from "node:os";
import { HealqError } from "../../src/model/errors.ts";

/** The demo was ended from outside; it exits as a shell says that: 128 and the number of the signal. */
export class Interrupted extends HealqError {
  constructor(signal: "SIGINT" | "SIGTERM" | "SIGHUP") {
    super("interrupted", `ended by ${signal}`, { exitCode: 128 + constants.signals[signal] });
  }
}

/** Stops the demo at Ctrl-C and its like, however often they come: what it started is ended in its own order. */
export function stopAtSignals(stop: (why: Interrupted) => void): void {
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const)
    process.on(signal, () => stop(new Interrupted(signal)));
}
