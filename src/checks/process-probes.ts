import { resolve } from "node:path";
import { formatDuration } from "../lib/duration.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Target } from "../model/target.ts";
import { isFileError } from "../system/remote-stat.ts";
import { shownUrl } from "./http-error.ts";
import { describeWanted, isWanted } from "./http-expect.ts";
import { ask } from "./http-request.ts";
import { isInFuture, patience } from "./patience.ts";
import type { ProcessFields } from "./process-fields.ts";

/** What one of `health`, `output` and `heartbeat` says of a living process. */
export interface Probe {
  readonly finding?: Finding;
  /** Why it could not be told. */
  readonly cannotTell?: string;
  /** It shows that the process has worked since it was started. */
  readonly verified: boolean;
  /** For the message when all is well: "answered in 4 ms". */
  readonly said?: string;
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Asks all that are configured, at once. No promise when there are none. */
export function probeAll(
  target: Target<ProcessFields>,
  startedAt: number,
  context: CheckContext,
): Promise<Probe[]> | Probe[] {
  const { health, output, heartbeat } = target.spec;
  const probes: (Probe | Promise<Probe>)[] = [];
  if (health !== undefined) probes.push(askHealth(health, target.timeout, context));
  for (const file of [output, heartbeat]) {
    if (file !== undefined) probes.push(lookAtFile({ ...file, base: target.base, startedAt }, context));
  }
  return probes.length === 0 ? [] : Promise.all(probes);
}

async function askHealth(
  health: NonNullable<ProcessFields["health"]>,
  timeout: number,
  context: CheckContext,
): Promise<Probe> {
  const within = patience(timeout, "timeout" in health ? health.timeout : undefined);
  const question = {
    url: health.url,
    method: "GET",
    headers: {},
    redirects: 0,
    timeout: within,
    signal: context.signal,
  };
  const answer = await ask(question);
  const where = shownUrl(health.url);
  if (!answer.ok) {
    const message = `${where}: ${answer.reason}`;
    return answer.cannotTell
      ? { verified: false, cannotTell: message }
      : { verified: false, finding: unhealthy(message) };
  }
  const metrics = { latencyMs: answer.latencyMs };
  if (isWanted(answer.status, health.status)) {
    return { verified: true, said: `answered in ${formatDuration(answer.latencyMs)}`, metrics };
  }
  const message = `${where} answered ${answer.status}, not ${describeWanted(health.status)}`;
  return { verified: false, finding: unhealthy(message, { status: answer.status }), metrics };
}

function unhealthy(message: string, evidence: Finding["evidence"] = {}): Finding {
  return {
    symptom: "process.unhealthy",
    severity: "critical",
    fact: false,
    message: `alive, but ${message}`,
    evidence,
  };
}

interface WatchedFile {
  readonly path: string;
  readonly maxAge: number;
  readonly base: string;
  readonly startedAt: number;
}

async function lookAtFile(file: WatchedFile, context: CheckContext): Promise<Probe> {
  const facts = await context.files.stat(resolve(file.base, file.path), context);
  if (!isFileError(facts)) return judgeAge(file, facts.mtimeMs, context.now());
  if (facts.error === "ENOENT" || facts.error === "ENOTDIR") return judgeAge(file, undefined, context.now());
  const why = facts.error === "EHUNG" ? "its file system does not answer" : facts.error;
  return { verified: false, cannotTell: `${file.path} cannot be looked at: ${why}` };
}

/** The age counts from the later of the last write and the start: a fresh process has all of `maxAge` for its first write. */
function judgeAge(file: WatchedFile, mtimeMs: number | undefined, now: number): Probe {
  const { path, maxAge, startedAt } = file;
  const evidence = { file: path, mtime: mtimeMs === undefined ? null : new Date(mtimeMs).toISOString() };
  if (mtimeMs !== undefined && isInFuture(mtimeMs, now)) {
    const message = `alive, but ${path} was written ${formatDuration(mtimeMs - now)} in the future: a clock is or was wrong`;
    return {
      verified: false,
      finding: { symptom: "process.hung", severity: "warning", fact: false, message, evidence },
    };
  }
  const age = now - Math.max(mtimeMs ?? startedAt, startedAt);
  if (age > maxAge) {
    const what = mtimeMs === undefined ? "has not been there" : "has not been written";
    const message = `alive, but ${path} ${what} for ${formatDuration(age)} (at most ${formatDuration(maxAge)})`;
    return {
      verified: false,
      finding: { symptom: "process.hung", severity: "critical", fact: false, message, evidence },
    };
  }
  // File times lag behind the clock by up to a tick of the kernel, so a write in the very tick of the start does not
  // count: it may be the last one of the process before.
  if (mtimeMs === undefined || mtimeMs < startedAt) return { verified: false };
  return { verified: true, said: `wrote ${path} ${formatDuration(Math.max(0, age))} ago` };
}
