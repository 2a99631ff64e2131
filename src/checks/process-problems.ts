import { instancesProblems } from "./instances-problems.ts";
import type { ProcessFields } from "./process-fields.ts";

type Problem = { readonly path: readonly (string | number)[]; readonly message: string };

const finders = ["match", "pidFile", "port", "systemd", "docker", "pm2"] as const;

/** Those of another manager, which starts and stops the process itself. */
const managers = ["systemd", "docker", "pm2"] as const;

/** Fields that say how healq starts a process; they do nothing when it does not. */
const onlyWithRun = [
  "env",
  "envFile",
  "cwd",
  "nice",
  "umask",
  "restart",
  "exitCodes",
  "log",
  "console",
] as const;

/** What the fields of a process may not be together. */
export function processProblems(spec: ProcessFields): Problem[] {
  const manager = managers.find((name) => spec[name] !== undefined);
  const cure = manager === undefined ? cureProblems(spec) : unitProblems(spec, manager);
  return [...instancesProblems(spec), ...findingProblems(spec), ...runProblems(spec), ...cure];
}

/** What the manager of a unit decides, and not healq. */
function unitProblems(spec: ProcessFields, manager: (typeof managers)[number]): Problem[] {
  const problems: Problem[] = [];
  for (const name of ["run", "start", "stop"] as const) {
    if (spec[name] !== undefined)
      problems.push({ path: [name], message: `${manager} starts and stops it; leave ${name}: out` });
  }
  if (spec.exitCodes !== undefined && manager === "systemd")
    problems.push({
      path: ["exitCodes"],
      message: "systemd judges an exit itself: SuccessExitStatus= of the unit",
    });
  else if (spec.exitCodes !== undefined && (spec.restart ?? "always") === "always")
    problems.push(exitCodesAlways);
  return problems;
}

const exitCodesAlways: Problem = {
  path: ["exitCodes"],
  message: "only counts with restart: on-failure or never; always cures every exit",
};

function findingProblems(spec: ProcessFields): Problem[] {
  const given = finders.filter((name) => spec[name] !== undefined);
  if (spec.run === undefined && given.length === 0) {
    return [{ path: [], message: "needs one of run, match, pidFile, port, systemd, docker or pm2" }];
  }
  const [first, ...others] = given;
  const problems: Problem[] = others.map((name) => ({
    path: [name],
    message: `a process is found by one thing, and ${first} is given already`,
  }));
  // As root everybody's processes are seen, and anyone can start one whose command line matches.
  if (spec.match !== undefined && spec.user === undefined && process.geteuid?.() === 0) {
    problems.push({
      path: ["match"],
      message: "needs user: when healq runs as root: anyone could start a process that matches",
    });
  }
  return problems;
}

function runProblems(spec: ProcessFields): Problem[] {
  const problems: Problem[] = [];
  const found = finders.find((name) => spec[name] !== undefined);
  const isUnit = managers.some((name) => spec[name] !== undefined);
  if (spec.run === undefined) {
    for (const name of onlyWithRun) {
      // A manager tells how its units ended.
      if (isUnit && (name === "restart" || name === "exitCodes")) continue;
      if (spec[name] !== undefined)
        problems.push({ path: [name], message: "only counts for a process that healq starts with run" });
    }
    if (spec.user !== undefined && spec.match === undefined && spec.pm2 === undefined) {
      problems.push({ path: ["user"], message: "only counts beside run, match or pm2" });
    }
  } else if (found !== undefined && !isUnit) {
    for (const name of ["restart", "exitCodes"] as const) {
      if (spec[name] !== undefined)
        problems.push({ path: [name], message: `the exit of a process found by ${found} cannot be seen` });
    }
  } else if (!isUnit && spec.exitCodes !== undefined && (spec.restart ?? "always") === "always") {
    problems.push(exitCodesAlways);
  }
  const probed = (["health", "output", "heartbeat"] as const).find((name) => spec[name] !== undefined);
  if (spec.stableFor !== undefined && probed !== undefined) {
    problems.push({ path: ["stableFor"], message: `never counts: ${probed} says when it works` });
  }
  return problems;
}

function cureProblems(spec: ProcessFields): Problem[] {
  const { run, start, stop } = spec;
  if (run !== undefined) {
    return [
      ...(start === undefined
        ? []
        : [{ path: ["start"], message: "is for a process healq does not start; this one has run" }]),
      ...(Array.isArray(stop)
        ? [{ path: ["stop"], message: "is { signal, timeout } for a process that has run" }]
        : []),
    ];
  }
  if (stop !== undefined && !Array.isArray(stop)) {
    return [
      {
        path: ["stop"],
        message: "must be a command for a process that has no run: healq signals only what it started",
      },
    ];
  }
  if (start !== undefined && stop === undefined)
    return [{ path: ["start"], message: "needs stop: too, the command that stops it" }];
  if (stop !== undefined && start === undefined)
    return [{ path: ["stop"], message: "needs start: too, the command that starts it" }];
  return [];
}
