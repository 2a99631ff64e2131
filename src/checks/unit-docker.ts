import { constants } from "node:os";
import * as z from "zod";
import { plain } from "../lib/plain.ts";
import type { Finding } from "../model/finding.ts";
import { managerCommand, type Unit } from "../system/unit.ts";
import { askManager, failedWith } from "./ask-manager.ts";
import type { Probe } from "./process-probes.ts";
import { noSuchUnit, type UnitReport } from "./unit-report.ts";

/** Only what is looked at: the environment of a container, which holds its secrets, is not even asked for. */
const format =
  '{"name":{{json .Name}},"id":{{json .Id}},"state":{{json .State}},"policy":{{json .HostConfig.RestartPolicy.Name}},"restarts":{{json .RestartCount}}}';

const healthSchema = z.object({
  Status: z.string(),
  FailingStreak: z.number().optional(),
  Log: z.array(z.object({ ExitCode: z.number(), Output: z.string() })).nullish(),
});

const stateSchema = z.object({
  Status: z.string(),
  OOMKilled: z.boolean().default(false),
  Pid: z.number().default(0),
  ExitCode: z.number().default(0),
  Error: z.string().default(""),
  StartedAt: z.string().default(""),
  FinishedAt: z.string().default(""),
  Health: healthSchema.nullish(),
});

const lineSchema = z.object({
  name: z.string(),
  id: z.string(),
  state: stateSchema,
  policy: z.string().nullish(),
  restarts: z.number().nullish(),
});

type Container = z.output<typeof lineSchema>;

/** Asks Docker for containers by one call. */
export async function reportDocker(
  names: readonly string[],
  unit: Unit,
  signal: AbortSignal,
): Promise<(name: string) => UnitReport> {
  const words = ["inspect", "--type", "container", "--format", format, "--", ...names];
  const told = await askManager(managerCommand(unit, words), signal);
  if ("problem" in told) return () => ({ is: "unclear", why: told.problem });
  const containers = told.said.split("\n").flatMap(parsed);
  return (name) => {
    // A name wins over the beginning of an id, as it does for docker.
    const found =
      containers.find((each) => each.name === `/${name}`) ?? containers.find(({ id }) => id.startsWith(name));
    if (found !== undefined) return reportOf(found, name);
    if (isMissing(told.stderr, name)) return noSuchUnit(`docker has no container ${name}`);
    return { is: "unclear", why: failedWith("docker", told) };
  };
}

function parsed(line: string): Container[] {
  if (line.trim() === "") return [];
  try {
    const result = lineSchema.safeParse(JSON.parse(line));
    return result.success ? [result.data] : [];
  } catch {
    return [];
  }
}

/** `Error: No such container: web`, `error: no such object: web`. */
function isMissing(stderr: string, name: string): boolean {
  return stderr
    .split("\n")
    .some((line) => /no such (?:container|object): /i.test(line) && line.trimEnd().endsWith(`: ${name}`));
}

function reportOf(container: Container, name: string): UnitReport {
  const { state } = container;
  const since = timeOf(state.StartedAt);
  switch (state.Status) {
    case "running":
    case "paused":
      return {
        is: "up",
        ...(state.Pid > 0 ? { pid: state.Pid } : {}),
        ...(since === undefined ? {} : { since, startedAbout: since }),
        findings: state.Status === "paused" ? [paused(name)] : [],
        probes: healthProbes(state.Health),
      };
    case "restarting": {
      const finished = timeOf(state.FinishedAt);
      const why = `docker restarts ${name}, which exited with code ${state.ExitCode} (${container.restarts ?? 0} times so far)`;
      return { is: "changing", why, to: "up", ...(finished === undefined ? {} : { since: finished }) };
    }
    case "removing":
      return { is: "changing", why: `docker removes ${name}`, to: "down" };
    case "created":
      return { ...noSuchUnit(`${name} was created, but never started${errorOf(state.Error)}`) };
    case "exited":
    case "dead":
      return down(container, name);
    default:
      return { is: "unclear", why: `docker says that ${name} is ${plain(state.Status)}` };
  }
}

function down({ state, policy, restarts }: Container, name: string): UnitReport {
  const { ExitCode: code } = state;
  const signal = code > 128 ? signalOf(code - 128) : undefined;
  const how = signal === undefined ? `with code ${code}` : `with code ${code} (${signal})`;
  const memory = state.OOMKilled ? ", killed for want of memory" : "";
  return {
    is: "down",
    message: `${name} exited ${how}${memory}${errorOf(state.Error)}`,
    state: state.Error === "" ? "crashed" : "failed",
    exitCode: code,
    stopped: state.Status === "exited" && (policy === "always" || policy === "unless-stopped"),
    evidence: {
      container: name,
      containerStatus: state.Status,
      exitCode: code,
      signal: signal ?? null,
      outOfMemory: state.OOMKilled,
      restarts: restarts ?? 0,
      finishedAt: plain(state.FinishedAt),
    },
  };
}

function paused(name: string): Finding {
  return {
    symptom: "process.hung",
    severity: "critical",
    fact: true,
    message: `hung: ${name} is paused (docker unpause ${name} lets it go on)`,
    evidence: { container: name, containerStatus: "paused" },
  };
}

/** The container's own health check, when it has one. */
function healthProbes(health: Container["state"]["Health"]): Probe[] {
  if (health === undefined || health === null || health.Status === "none") return [];
  if (health.Status === "healthy") return [{ verified: true, said: "healthy" }];
  if (health.Status !== "unhealthy") return [{ verified: false }];
  const last = health.Log?.at(-1);
  const said = plain(last?.Output ?? "");
  const finding: Finding = {
    symptom: "process.unhealthy",
    severity: "critical",
    fact: false,
    message: `alive, but its health check fails${said === "" ? "" : `: ${said}`}`,
    evidence: { failingStreak: health.FailingStreak ?? null, exitCode: last?.ExitCode ?? null, output: said },
  };
  return [{ verified: false, finding }];
}

function errorOf(error: string): string {
  return error === "" ? "" : `: ${plain(error)}`;
}

function signalOf(number: number): string | undefined {
  return Object.entries(constants.signals).find(([, each]) => each === number)?.[0];
}

/** The year 1 means never. */
function timeOf(text: string): number | undefined {
  const at = Date.parse(text);
  return at > 0 ? at : undefined;
}
