import { processSpecOf } from "../checks/process.ts";
import { type Config, targetsOn } from "../model/config.ts";
import { messageOf } from "../model/errors.ts";
import { bootId, identityOf } from "../system/procfs.ts";
import { findProgram } from "../system/program.ts";
import { bad, type Diagnosis, fine, warn } from "./diagnosis.ts";

/** The oldest Node.js that healq is tested with. */
const oldestNode = [20, 19] as const;

/** What the machine itself must have. */
export function diagnoseMachine(config: Config | undefined): Diagnosis[] {
  return [nodeVersion(), procfs(), ...programs(config), timezone(config)];
}

function nodeVersion(): Diagnosis {
  const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
  const isOld = major < oldestNode[0] || (major === oldestNode[0] && minor < oldestNode[1]);
  const said = `Node.js ${process.versions.node}`;
  return isOld
    ? bad("node", `${said} is too old`, `install Node.js ${oldestNode.join(".")} or newer`)
    : fine("node", said);
}

function procfs(): Diagnosis {
  const fix =
    "healq tells processes apart by /proc: run it on Linux with /proc mounted (in a container, without hidepid)";
  try {
    if (bootId() !== "" && identityOf(process.pid) !== undefined) return fine("/proc", "readable");
    return bad("/proc", "does not show this very process", fix);
  } catch (error) {
    return bad("/proc", `cannot be read: ${messageOf(error)}`, fix);
  }
}

/** The programs that starting processes takes: `mkfifo` always, `setpriv` and `nice` where the config uses them. */
function programs(config: Config | undefined): Diagnosis[] {
  const specs =
    config === undefined
      ? []
      : targetsOn(config, config.node).flatMap((target) => processSpecOf(target, config.stateDir) ?? []);
  const wanted = [
    { name: "mkfifo", package: "coreutils", wanted: true },
    { name: "setpriv", package: "util-linux", wanted: specs.some((spec) => spec.user !== undefined) },
    { name: "nice", package: "coreutils", wanted: specs.some((spec) => spec.nice !== undefined) },
  ];
  return wanted
    .filter((each) => each.wanted)
    .map((each) => {
      const found = findProgram(each.name, { cwd: "/", path: process.env.PATH });
      return "path" in found
        ? fine(each.name, found.path)
        : bad(each.name, found.problem, `install the package ${each.package}`);
    });
}

function timezone(config: Config | undefined): Diagnosis {
  const zone = config?.timezone ?? "UTC";
  try {
    const now = new Intl.DateTimeFormat("en-GB", {
      timeZone: zone,
      dateStyle: "medium",
      timeStyle: "medium",
    }).format();
    const isPast = Date.now() < Date.UTC(2025, 0, 1);
    if (isPast)
      return warn(
        "clock",
        `it is ${now} in ${zone}, which cannot be`,
        "set the clock; ages and schedules depend on it",
      );
    return fine("clock", `${now} in ${zone}`);
  } catch {
    return bad(
      "clock",
      `the time zone ${zone} is not known here`,
      "use a name of the IANA list, or a Node.js with full ICU data",
    );
  }
}
