import { processSpecOf } from "../../src/checks/process.ts";
import { describeExit } from "../../src/model/process.ts";
import { tail } from "../../src/system/logfile.ts";
import { readStat } from "../../src/system/procfs.ts";
import type { Stage } from "./attempt.ts";

/** Log lines kept as evidence. */
const lines = 50;

/** Stage 5: what the cure would destroy is captured first. */
export const captureEvidence: Stage = async (attempt) => {
  const { context, target, observation, finding } = attempt;
  const spec = processSpecOf(target, context.config.stateDir);
  const seen = { status: observation?.status, message: observation?.message, ...finding?.evidence };
  if (spec === undefined) {
    attempt.evidence = redacted(seen, context.redact);
    return undefined;
  }
  const { identity, exit } = context.processes.read(target.id);
  const stat = identity === undefined ? undefined : readStat(identity.pid);
  attempt.evidence = redacted(
    {
      ...seen,
      ...(exit === undefined ? {} : { exit: describeExit(exit), exitCode: exit.code, signal: exit.signal }),
      ...(stat !== undefined && identity !== undefined && stat.startTime === identity.startTime
        ? { pid: identity.pid, processState: stat.state }
        : {}),
      log: tail(spec.log.path, lines),
    },
    context.redact,
  );
  attempt.job.say(`evidence: ${attempt.evidence.exit ?? observation?.message ?? "none"}`);
  return undefined;
};

/** The same value with secrets removed from all its texts. */
function redacted(value: object, redact: (text: string) => string): Readonly<Record<string, unknown>> {
  // What was JSON before is JSON after: redaction puts only letters in.
  return JSON.parse(redact(JSON.stringify(value))) as Record<string, unknown>;
}
