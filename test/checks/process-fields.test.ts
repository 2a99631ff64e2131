import { expect, test } from "vitest";
import { processSpecOf } from "../../src/checks/process.ts";
import { kindOf } from "../../src/checks/registry.ts";
import { targetOf } from "../support/look.ts";

const kind = kindOf("process");
const problems = (written: object) =>
  kind?.problems?.(kind.schema.parse(written)).map(({ path, message }) => `${path.join(".")}: ${message}`);
const ladder = (written: object) => kind?.defaultLadder(kind.schema.parse(written));
const found = { pidFile: "x.pid" };

test("a process with run becomes a spec with absolute paths and the contract's defaults", () => {
  const target = targetOf("process", { run: ["python3", "w.py"] }, { base: "/srv/app", id: "w" });
  expect(processSpecOf(target, "/srv/app/.healq")).toEqual({
    id: "w",
    run: ["python3", "w.py"],
    cwd: "/srv/app",
    env: {},
    stop: { signal: "SIGTERM", timeout: 10_000 },
    startGrace: 10_000,
    stableFor: 1_000,
    log: { path: "/srv/app/.healq/logs/w.log", maxSize: 10_000_000, keep: 5 },
    restart: "always",
    exitCodes: [0],
  });
});

test("what is written counts", () => {
  const written = {
    run: ["x"],
    cwd: "sub",
    env: { A: "1" },
    envFile: ".env",
    user: "ann",
    nice: 5,
    umask: "027",
    stop: { signal: "SIGINT", timeout: "1s" },
    startGrace: "2s",
    stableFor: "3s",
    log: { path: "x.log", maxSize: "1MB", keep: 2 },
    restart: "on-failure",
    exitCodes: [0, 2],
  };
  expect(processSpecOf(targetOf("process", written, { base: "/b" }), "/s")).toMatchObject({
    cwd: "/b/sub",
    env: { A: "1" },
    envFile: "/b/.env",
    user: "ann",
    nice: 5,
    umask: "027",
    stop: { signal: "SIGINT", timeout: 1_000 },
    startGrace: 2_000,
    stableFor: 3_000,
    log: { path: "/b/x.log", maxSize: 1_000_000, keep: 2 },
    restart: "on-failure",
    exitCodes: [0, 2],
  });
});

test("what healq does not start has no spec", () => {
  expect(processSpecOf(targetOf("process", found), "/s")).toBeUndefined();
  expect(processSpecOf(targetOf("file", { path: "x" }), "/s")).toBeUndefined();
});

test("a restart is the default cure where one is possible and wanted", () => {
  expect(ladder({ run: ["x"] })).toEqual(["restart"]);
  expect(ladder({ run: ["x"], ...found })).toEqual(["restart"]);
  expect(ladder({ ...found, start: ["a"], stop: ["b"] })).toEqual(["restart"]);
  expect(ladder({ run: ["x"], restart: "never" })).toEqual([]);
  expect(ladder(found)).toEqual([]);
});

test("fields that would do nothing are problems at their place", () => {
  expect(problems({})).toEqual([": needs one of run, match, pidFile, port, systemd, docker or pm2"]);
  expect(problems({ ...found, port: 80 })).toEqual([
    "port: a process is found by one thing, and pidFile is given already",
  ]);
  expect(problems({ ...found, cwd: "x", restart: "never" })).toHaveLength(2);
  expect(problems({ ...found, user: "ann" })).toEqual(["user: only counts beside run, match or pm2"]);
  expect(problems({ run: ["x"], ...found, restart: "never" })).toEqual([
    "restart: the exit of a process found by pidFile cannot be seen",
  ]);
  expect(problems({ run: ["x"], exitCodes: [1] })).toHaveLength(1);
  expect(problems({ ...found, console: "tmux" })).toEqual([
    "console: only counts for a process that healq starts with run",
  ]);
  expect(problems({ run: ["x"], stableFor: "1s", health: "http://x/" })).toEqual([
    "stableFor: never counts: health says when it works",
  ]);
  expect(problems({ run: ["x"], start: ["a"], stop: ["b"] })).toHaveLength(2);
  expect(problems({ ...found, stop: { signal: "SIGINT" } })).toHaveLength(1);
  expect(problems({ ...found, start: ["a"] })).toEqual(["start: needs stop: too, the command that stops it"]);
  expect(problems({ ...found, stop: ["a"] })).toEqual(["stop: needs start: too, the command that starts it"]);
  expect(problems({ run: ["x"], restart: "on-failure", exitCodes: [0, 1] })).toEqual([]);
});

test.runIf(process.geteuid?.() === 0)("as root a match wants a user", () => {
  expect(problems({ match: "x" })).toHaveLength(1);
  expect(problems({ match: "x", user: "ann" })).toEqual([]);
});

test("a unit of another manager is not started by healq, and is cured by default", () => {
  const only = "only counts with restart: on-failure or never; always cures every exit";
  expect(
    problems({ docker: "web", restart: "on-failure", exitCodes: [0, 3], limits: { cpu: "150%" } }),
  ).toEqual([]);
  expect(problems({ docker: "web", exitCodes: [3] })).toEqual([`exitCodes: ${only}`]);
  expect(problems({ systemd: "web", restart: "on-failure", exitCodes: [3] })).toEqual([
    "exitCodes: systemd judges an exit itself: SuccessExitStatus= of the unit",
  ]);
  expect(problems({ pm2: "web", user: "ann" })).toEqual([]);
  expect(problems({ docker: "web", user: "ann" })).toEqual(["user: only counts beside run, match or pm2"]);
  expect(problems({ systemd: "web", run: ["x"] })).toEqual([
    "run: systemd starts and stops it; leave run: out",
  ]);
  expect(problems({ pm2: "web", start: ["a"], stop: ["b"], nice: 3 })).toEqual([
    "nice: only counts for a process that healq starts with run",
    "start: pm2 starts and stops it; leave start: out",
    "stop: pm2 starts and stops it; leave stop: out",
  ]);
  expect(problems({ systemd: "web", docker: "web" })).toEqual([
    "docker: a process is found by one thing, and systemd is given already",
  ]);
  expect(ladder({ docker: "web" })).toEqual(["restart"]);
  expect(ladder({ docker: "web", restart: "never" })).toEqual([]);
});

test("values that cannot be meant are refused", () => {
  const accepted = (written: object) => kind?.schema.safeParse({ run: ["x"], ...written }).success;
  expect(accepted({})).toBe(true);
  for (const wrong of [
    { match: "(" },
    { port: 0 },
    { nice: 20 },
    { umask: "99" },
    { umask: 27 },
    { user: "-x" },
    { env: { PORT: 80 } },
    { env: { HEALQ_INSTANCE: "x" } },
    { stop: { signal: "SIGSTOP" } },
    { stop: [] },
    { health: "localhost:80" },
    { health: { url: "http://x/", status: "6xx" } },
    { exitCodes: [256] },
    { limits: {} },
    { limits: { cpu: "0%" } },
    { limits: { cpu: 0.9 } },
    { limits: { memory: "much" } },
  ]) {
    expect(accepted(wrong), JSON.stringify(wrong)).toBe(false);
  }
});
