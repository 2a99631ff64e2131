import { batch } from "../lib/batch.ts";
import { formatDuration } from "../lib/duration.ts";
import { messageOf } from "../model/errors.ts";
import type { Finding } from "../model/finding.ts";
import type { CheckContext } from "../model/kind.ts";
import type { Look } from "../model/observation.ts";
import type { Target } from "../model/target.ts";
import { bootedAt, identityFrom, lifeOf, readStat, startedAtOf } from "../system/procfs.ts";
import type { Unit } from "../system/unit.ts";
import { couldNotTell } from "./looks.ts";
import type { ProcessFields } from "./process-fields.ts";
import type { Subject } from "./process-subject.ts";
import { reportDocker } from "./unit-docker.ts";
import { reportPm2 } from "./unit-pm2.ts";
import type { UnitReport } from "./unit-report.ts";
import { reportSystemd } from "./unit-systemd.ts";

type Up = Extract<UnitReport, { is: "up" }>;
type Down = Extract<UnitReport, { is: "down" }>;

/** How far what Docker says of a start may be from what the kernel says, in milliseconds; else the pid is somebody else's. */
const sameStart = 5_000;

/** Asks the manager of a unit; what lives is to be judged as every living process is, all else is a look already. */
export async function lookAtUnit(
  target: Target<ProcessFields>,
  unit: Unit,
  context: CheckContext,
): Promise<Look | Subject> {
  let report: UnitReport;
  try {
    report = await askedWithOthers(unit, context);
  } catch (error) {
    return couldNotTell(`${unit.manager} did not tell: ${messageOf(error)}`);
  }
  switch (report.is) {
    case "unclear":
      return couldNotTell(report.why);
    case "changing":
      return changing(target, report, context);
    case "down":
      return down(target, report, unit);
    case "up":
      return subjectOf(report, unit, context);
  }
}

/** One call for all units of a manager in a tick; it ends with the last look that waits for it. */
function askedWithOthers(unit: Unit, { shared, signal }: CheckContext): Promise<UnitReport> {
  const { manager } = unit;
  const whose =
    manager === "systemd" ? String(unit.ofUser) : manager === "pm2" ? `${unit.home} ${unit.user}` : "";
  const questions = shared.once(`units of ${manager} ${whose}`, () =>
    batch<UnitReport>((names, end) => {
      if (unit.manager === "systemd") return reportSystemd(names, unit, end);
      return unit.manager === "docker" ? reportDocker(names, unit, end) : reportPm2(unit, end);
    }),
  );
  return questions.ask(unit.name, signal);
}

/** A start has `startGrace`, as every start; then it hangs in it. */
function changing(
  { spec }: Target<ProcessFields>,
  report: Extract<UnitReport, { is: "changing" }>,
  context: CheckContext,
): Look {
  const lasted = report.since === undefined ? 0 : context.now() - report.since;
  if (report.to === "down" || lasted < spec.startGrace)
    return {
      status: "unknown",
      findings: [],
      metrics: {},
      message: report.why,
      state: "starting",
      verified: false,
    };
  const message = `not running: ${report.why}, for ${formatDuration(lasted)}`;
  return dead({ message, state: "crashed", evidence: {} });
}

function down({ id, spec }: Target<ProcessFields>, report: Down, { manager }: Unit): Look {
  const isSuccess =
    report.success ?? (report.exitCode !== undefined && (spec.exitCodes ?? [0]).includes(report.exitCode));
  const always = (spec.restart ?? "always") === "always";
  if (!always && (isSuccess || report.stopped)) {
    const how = report.stopped ? `stopped through ${manager}` : "finished, or was stopped";
    const message = `${how}: ${report.message}`;
    return { status: "ok", findings: [], metrics: {}, message, state: "exited", verified: true };
  }
  const hint =
    report.stopped || (manager === "systemd" && isSuccess)
      ? `; if it was stopped through ${manager}, \`healq stop ${id}\` keeps it down`
      : "";
  return dead({ ...report, message: `dead: ${report.message}${hint}` });
}

function dead({ message, state, evidence }: Pick<Down, "message" | "state" | "evidence">): Look {
  const finding: Finding = { symptom: "process.dead", severity: "critical", fact: true, message, evidence };
  return { status: "critical", findings: [finding], metrics: {}, message, state, verified: false };
}

/** What lives, with what /proc says of its main process, when that can be seen from here. */
function subjectOf(report: Up, { manager, name }: Unit, context: CheckContext): Look | Subject {
  const { pid, since, said, findings = [], probes = [], others = 0 } = report;
  const fromManager = { findings, probes, others, ...(said === undefined ? {} : { said }) };
  const startedAt = since ?? context.now();
  if (pid === undefined) return { found: "alive", startedAt, ...fromManager };
  const stat = readStat(pid);
  const identity = stat === undefined ? undefined : identityFrom(stat);
  if (stat === undefined || identity === undefined || lifeOf(stat) !== "alive") {
    // A container may run on another machine, or where this /proc does not reach; a service and an app do not.
    if (manager === "docker") return { found: "alive", startedAt, ...fromManager };
    return couldNotTell(`${manager} says that ${name} runs as pid ${pid}, but that has just ended`);
  }
  const started = startedAtOf(identity, context.shared.once("booted", bootedAt));
  if (report.startedAbout !== undefined && Math.abs(started - report.startedAbout) > sameStart)
    return { found: "alive", startedAt, ...fromManager };
  return { found: "alive", identity, stat, startedAt: Math.min(started, context.now()), ...fromManager };
}
