import { processSpecOf } from "../../src/checks/process.ts";
import { copiesIn, oneCopy } from "../../src/model/copies.ts";
import { describeExit } from "../../src/model/process.ts";
import { tail } from "../../src/system/logfile.ts";
import { readStat } from "../../src/system/procfs.ts";
import type { Attempt, Stage } from "./attempt.ts";

/** Log lines kept as evidence, and how much of each: an audit entry stays below 64 KiB, whatever a process writes. */
const lines = 50;
const lineLength = 500;
/** Longer texts of a finding are cut, in characters. */
const textLength = 2_000;

/** Stage 5: what the cure would destroy is captured first. */
export const captureEvidence: Stage = async (attempt) => {
  const { context, observation, finding } = attempt;
  const seen = { status: observation?.status, message: observation?.message, ...finding?.evidence };
  const evidence = redacted({ ...seen, ...ofProcess(attempt) }, context.redact);
  attempt.evidence = evidence;
  attempt.job.say(`evidence: ${evidence.exit ?? observation?.message ?? "none"}`);
  return undefined;
};

/** How it ended or what it is doing, and the end of its log; for a process that healq starts. */
function ofProcess({ context, target, finding }: Attempt): object {
  // Of several copies the first that is not well.
  const copy = copiesIn(finding)?.[0];
  const spec = processSpecOf(copy === undefined ? target : oneCopy(target, copy), context.config.stateDir);
  if (spec === undefined) return {};
  const { identity, exit } = context.processes.read(spec.id);
  const stat = identity === undefined ? undefined : readStat(identity.pid);
  return {
    ...(exit === undefined ? {} : { exit: describeExit(exit), exitCode: exit.code, signal: exit.signal }),
    ...(stat !== undefined && identity !== undefined && stat.startTime === identity.startTime
      ? { pid: identity.pid, processState: stat.state }
      : {}),
    log: tail(spec.log.path, lines).map((line) => cut(line, lineLength)),
  };
}

/** The same value with secrets removed from all its texts, and long ones cut. */
function redacted(value: object, redact: (text: string) => string): Readonly<Record<string, unknown>> {
  const short = JSON.stringify(value, (_, each: unknown) =>
    typeof each === "string" ? cut(each, textLength) : each,
  );
  // What was JSON before is JSON after: redaction puts only letters in.
  return JSON.parse(redact(short)) as Record<string, unknown>;
}

function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`;
}
