import { constants } from "node:os";
import { managerCommand, type Unit } from "../system/unit.ts";
import { askManager, failedWith } from "./ask-manager.ts";
import { noSuchUnit, type UnitReport } from "./unit-report.ts";

type SystemdUnit = Extract<Unit, { manager: "systemd" }>;
type Properties = ReadonlyMap<string, string>;

const properties = [
  "Id",
  "Names",
  "LoadState",
  "ActiveState",
  "SubState",
  "Type",
  "Result",
  "MainPID",
  "ExecMainCode",
  "ExecMainStatus",
  "NRestarts",
  "StateChangeTimestampMonotonic",
];

/** Asks systemd for units by one call. */
export async function reportSystemd(
  names: readonly string[],
  unit: SystemdUnit,
  signal: AbortSignal,
): Promise<(name: string) => UnitReport> {
  const words = ["show", "--no-pager", `--property=${properties.join(",")}`, "--", ...names];
  const told = await askManager(managerCommand(unit, words), signal);
  if ("problem" in told) return () => ({ is: "unclear", why: told.problem });
  const blocks = parseBlocks(told.said);
  return (name) => {
    const found = blocks.find((block) => namesOf(block).includes(name));
    if (found !== undefined) return reportOf(found, name);
    return { is: "unclear", why: failedWith("systemctl", told) };
  };
}

/** `NAME=value` lines; units are parted by empty lines. Values of these properties have one line each. */
function parseBlocks(said: string): Properties[] {
  return said
    .split(/\n\n+/)
    .map((block) => {
      const pairs = block.split("\n").map((line) => {
        const at = line.indexOf("=");
        return [line.slice(0, at), line.slice(at + 1)] as const;
      });
      return new Map(pairs);
    })
    .filter((block) => block.has("Id"));
}

/** All names of a unit, aliases too. */
function namesOf(block: Properties): string[] {
  return [block.get("Id") ?? "", ...(block.get("Names") ?? "").split(" ")];
}

function reportOf(block: Properties, name: string): UnitReport {
  const of = (property: string) => block.get(property) ?? "";
  const load = of("LoadState");
  if (load === "not-found") return noSuchUnit(`systemd has no unit ${name}`);
  const since = sinceOf(of("StateChangeTimestampMonotonic"));
  const known = since === undefined ? {} : { since };
  const pid = Number(of("MainPID"));
  const main = pid > 0 ? { pid } : {};
  const said = `${of("ActiveState")} (${of("SubState")})`;
  switch (of("ActiveState")) {
    case "active":
    case "reloading":
    case "refreshing":
      return { is: "up", ...main, ...known, ...(pid > 0 ? {} : { said }) };
    case "activating":
      // A service that does its work and ends is in its start as long as it works.
      if (of("Type") === "oneshot" && pid > 0) return { is: "up", ...main, ...known };
      return { is: "changing", why: `${name} is ${said}${restarts(block)}`, to: "up", ...known };
    case "deactivating":
      return { is: "changing", why: `${name} is ${said}`, to: "down", ...known };
    case "inactive":
    case "failed":
      return down(block, name);
    default:
      return { is: "unclear", why: `systemd says that ${name} is ${said}` };
  }
}

function restarts(block: Properties): string {
  const count = Number(block.get("NRestarts"));
  return count > 0 ? `, ${count} times restarted by systemd` : "";
}

function down(block: Properties, name: string): UnitReport {
  const of = (property: string) => block.get(property) ?? "";
  const load = of("LoadState");
  const result = of("Result");
  const success = of("ActiveState") === "inactive" && (result === "success" || result === "");
  const exit = exitOf(Number(of("ExecMainCode")), Number(of("ExecMainStatus")));
  const unusable = load === "loaded" || load === "" ? "" : ` (its unit file is ${load})`;
  const how = success
    ? ""
    : `: ${exit.words ?? result}${result === "exit-code" || result === "signal" ? "" : ` (${result})`}`;
  return {
    is: "down",
    message: `${name} is ${of("ActiveState")}${how}${unusable}`,
    state: "crashed",
    success,
    // A clean end and a stop by systemctl look alike: both are a success.
    stopped: false,
    evidence: {
      unit: name,
      activeState: of("ActiveState"),
      subState: of("SubState"),
      result,
      restarts: Number(of("NRestarts")) || 0,
      ...exit.evidence,
    },
  };
}

/** How its main process ended. Source: CLD_EXITED, CLD_KILLED and CLD_DUMPED of waitid(2). */
function exitOf(
  code: number,
  status: number,
): { words?: string; evidence: Readonly<Record<string, unknown>> } {
  if (code === 1)
    return { words: `exited with code ${status}`, evidence: { exitCode: status, signal: null } };
  if (code !== 2 && code !== 3) return { evidence: {} };
  const signal =
    Object.entries(constants.signals).find(([, number]) => number === status)?.[0] ?? `signal ${status}`;
  return { words: `killed by ${signal}`, evidence: { exitCode: null, signal } };
}

/** systemd counts microseconds of CLOCK_MONOTONIC, which is Node's `hrtime` too. */
function sinceOf(text: string): number | undefined {
  const at = Number(text);
  if (!(at > 0)) return undefined;
  const ago = Number(process.hrtime.bigint() / 1_000n) - at;
  return ago < 0 ? undefined : Date.now() - ago / 1_000;
}
