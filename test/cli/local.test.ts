import { appendFileSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { acquireSupervisorLock } from "../../src/system/lock.ts";
import { until } from "../support/wait.ts";
import { folderWith, healq, startHealq } from "./healq.ts";

const config = `node: n1
redis: redis://127.0.0.1:1
targets:
  worker: { kind: process, run: [sleep, "60"] }
  weights: { kind: file, path: w.json }
  page: { kind: http, "on": [n2], url: "http://127.0.0.1:9/" }
`;

/** A supervisor that holds the socket and does nothing else. */
async function holdLock(
  folder: string,
  onRequest?: (request: unknown) => void,
): Promise<{ release(): Promise<void> }> {
  mkdirSync(join(folder, ".healq"), { recursive: true });
  const holder = { pid: process.pid, node: "n1", since: Date.now() };
  const lock = await acquireSupervisorLock(
    join(folder, ".healq/healq.sock"),
    holder,
    onRequest === undefined ? {} : { onRequest },
  );
  onTestFinished(() => lock.release());
  return lock;
}

function writeStatus(folder: string, content: unknown): void {
  mkdirSync(join(folder, ".healq"), { recursive: true });
  writeFileSync(join(folder, ".healq/status.json"), JSON.stringify(content));
}

describe("healq check", () => {
  it("looks at this node's targets without Redis and without healq, and exits with 1 when one is critical", async () => {
    const cwd = folderWith(config);
    const { code, out, err } = await healq(["check"], { cwd });
    expect([code, err]).toEqual([1, ""]);
    expect(out).toMatch(/^worker +process +critical +not running$/m);
    expect(out).not.toContain("page");
    expect(out).not.toContain("\u001b");
    expect(existsSync(join(cwd, ".healq"))).toBe(false);
  });

  it("looks at those named, as JSON, and exits with 0 when they are well", async () => {
    const cwd = folderWith(config);
    writeFileSync(join(cwd, "w.json"), "{}");
    const { code, out } = await healq(["check", "weights", "--json"], { cwd });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      node: "n1",
      observations: [{ target: "weights", kind: "file", status: "ok", findings: [] }],
    });
  });

  it("names the target that was probably meant", async () => {
    const { code, err } = await healq(["check", "wights"], { cwd: folderWith(config) });
    expect(code).toBe(2);
    expect(err).toContain('there is no target "wights"');
    expect(err).toContain('did you mean "weights"?');
  });
});

describe("without Redis", () => {
  it.each([[["heal", "worker"]], [["audit"]], [["stop", "worker"]], [["status"]]])(
    "%j exits with 3 and says which Redis",
    async (args) => {
      const { code, out, err } = await healq(args, { cwd: folderWith(config) });
      expect([code, out]).toEqual([3, ""]);
      expect(err).toMatch(/^healq: cannot reach redis:\/\/127\.0\.0\.1:1: connection refused/);
    },
  );

  it("with --json the error is the document on stdout", async () => {
    const { code, out, err } = await healq(["incidents", "--json"], { cwd: folderWith(config) });
    expect([code, err]).toEqual([3, expect.stringContaining("connection refused")]);
    const message = expect.stringContaining("cannot reach redis://127.0.0.1:1");
    expect(JSON.parse(out)).toEqual({ error: { code: "unreachable", message, exitCode: 3 } });
  });

  it("an unknown target still is wrong usage", async () => {
    expect((await healq(["heal", "wights"], { cwd: folderWith(config) })).code).toBe(2);
  });

  it("status reads status.json while a supervisor keeps it, and says so", async () => {
    const cwd = folderWith(config);
    writeStatus(cwd, {
      worker: { pid: 42, status: "ok", phase: "watching", state: "running" },
      weights: { pid: null, status: "warning", phase: "suspect", state: null },
    });
    await holdLock(cwd);
    const { code, out, err } = await healq(["status", "--json"], { cwd });
    expect(err).toContain("this is what");
    expect(JSON.parse(out)).toMatchObject({
      source: "status.json",
      targets: [
        { id: "worker", pid: 42, state: "running" },
        { status: "warning", state: null },
      ],
    });
    expect(code).toBe(0);
  });

  it("status takes status.json for the past when nobody keeps it", async () => {
    const cwd = folderWith(config);
    writeStatus(cwd, { worker: { pid: 42, status: "ok", phase: "watching", state: "running" } });
    const { code, out } = await healq(["status", "worker", "--json"], { cwd });
    expect(code).toBe(1);
    expect(JSON.parse(out).targets).toMatchObject([
      { id: "worker", pid: null, status: "unknown", message: "healq is not running here" },
    ]);
  });

  it("a status.json that is garbage is as good as none", async () => {
    const cwd = folderWith(config);
    writeStatus(cwd, { worker: { status: "splendid" } });
    expect((await healq(["status"], { cwd })).code).toBe(3);
  });

  it("pause and resume are said to this node, in wishes.json", async () => {
    const cwd = folderWith(config);
    const paused = await healq(["pause", "--for", "1h", "--reason", "upgrade", "--json"], { cwd });
    expect(paused.code).toBe(0);
    expect(paused.err).toContain("wishes.json");
    expect(JSON.parse(paused.out)).toMatchObject({ paused: true, source: "wishes.json" });
    const wishes = (): { pauses: unknown[] } =>
      JSON.parse(readFileSync(join(cwd, ".healq/wishes.json"), "utf8"));
    expect(wishes().pauses).toMatchObject([{ reason: "upgrade" }]);
    expect((await healq(["resume"], { cwd })).code).toBe(0);
    expect(wishes().pauses).toEqual([]);
  });
});

describe("with a config that has errors", () => {
  const mistaken = config.replace("kind: process", "kind: proces").replace("file, path", "file, paht");

  /** What a healq that ran here left, before somebody broke the config. */
  function left(text: string): string {
    const cwd = folderWith(text);
    writeStatus(cwd, {
      worker: { pid: 42, status: "ok", phase: "watching", state: "running" },
      weights: { pid: null, status: "critical", phase: "healing", state: null },
    });
    for (const name of ["pids", "logs"]) mkdirSync(join(cwd, ".healq", name));
    writeFileSync(join(cwd, ".healq/pids/worker.json"), "{}");
    writeFileSync(join(cwd, ".healq/logs/worker.log"), "what it said\n");
    return cwd;
  }

  it.each([
    ["of two kinds", mistaken, "3 errors"],
    ["of syntax", config.replace('"on"', "on: ["), "errors"],
    ["of a text that is lost", "", "1 error"],
  ])("%s, status goes on with what is left of it, and says so", async (_, text, said) => {
    const cwd = left(text);
    await holdLock(cwd);
    const status = await healq(["status", "--json"], { cwd });
    expect(status.err).toContain(`${said} (\`healq validate\` lists them)`);
    expect(status.err).toContain(`stateDir ${cwd}/.healq`);
    expect(status.code).toBe(1);
    expect(JSON.parse(status.out)).toMatchObject({ node: "n1", source: "status.json" });
    expect(JSON.parse(status.out).targets).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ id: "worker", pid: 42 }),
        expect.objectContaining({ id: "weights", status: "critical" }),
      ]),
    );
  });

  it("logs and down do too; what would heal or look by it does not", async () => {
    const cwd = left(mistaken);
    const asked: unknown[] = [];
    const lock = await holdLock(cwd, (request) => void asked.push(request));
    expect(await healq(["logs", "worker"], { cwd })).toMatchObject({ code: 0, out: "what it said\n" });
    expect((await healq(["check"], { cwd })).code).toBe(2);
    const down = startHealq(["down"], { cwd });
    await until(() => asked.length > 0, { within: 10_000, what: "it asks the supervisor to stop" });
    expect(asked).toEqual([{ down: "healq" }]);
    await lock.release();
    down.kill("SIGKILL");
  });
});

describe("healq logs", () => {
  const lines = Array.from({ length: 100 }, (_, n) => `line ${n}`);

  function withLog(text: string): { cwd: string; log: string } {
    const cwd = folderWith(config);
    mkdirSync(join(cwd, ".healq/logs"), { recursive: true });
    const log = join(cwd, ".healq/logs/worker.log");
    writeFileSync(log, text);
    return { cwd, log };
  }

  it("prints the last lines, and shows terminal sequences instead of emitting them", async () => {
    const { cwd } = withLog(`${lines.join("\n")}\n\u001b[2Jevil\r\nlast without an end`);
    const { code, out } = await healq(["logs", "worker", "--lines", "3"], { cwd });
    expect(code).toBe(0);
    expect(out).toBe("line 99\n\\x1b[2Jevil\nlast without an end\n");
  });

  it("prints as many lines as asked for, far beyond one read", async () => {
    const { cwd } = withLog(Array.from({ length: 30_000 }, (_, n) => `number ${n}`).join("\n"));
    const { out } = await healq(["logs", "worker", "--lines", "20000"], { cwd });
    const printed = out.trimEnd().split("\n");
    expect([printed.length, printed[0]]).toEqual([20_000, "number 10000"]);
  });

  it("follows through a rotation by copy and truncate, until it is ended", async () => {
    const { cwd, log } = withLog("first\n");
    const child = startHealq(["logs", "worker", "--follow", "--json"], { cwd });
    const seen: string[] = [];
    child.stdout.on("data", (text: string) => seen.push(text));
    await until(() => seen.join("").includes("first"), { what: "the first line" });
    appendFileSync(log, "second, in two ");
    appendFileSync(log, "pieces\n");
    await until(() => seen.join("").includes("second, in two pieces"), { what: "the appended line" });
    truncateSync(log, 0);
    appendFileSync(log, "third\n");
    await until(() => seen.join("").includes("third"), { what: "the line after the rotation" });
    child.kill("SIGINT");
    const { code, out } = await child.ended;
    expect(code).toBe(0);
    expect(
      out
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line).line),
    ).toEqual(["first", "second, in two pieces", "third"]);
  });

  it("ends without a word when its reader goes away", async () => {
    const { cwd } = withLog(Array.from({ length: 50_000 }, (_, n) => `number ${n}`).join("\n"));
    const child = startHealq(["logs", "worker", "--lines", "50000"], { cwd });
    child.stdout.once("data", () => child.stdout.destroy());
    const { code, err } = await child.ended;
    expect([code, err]).toEqual([0, ""]);
  });

  it("refuses what has no output here", async () => {
    const cwd = folderWith(config);
    expect((await healq(["logs", "weights"], { cwd })).err).toContain("healq does not start weights");
    expect((await healq(["logs", "page"], { cwd })).err).toContain("healq does not start page");
  });
});

describe("healq doctor", () => {
  it("says what is not ready and what to do, and exits with 1", async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    const cwd = folderWith(`${config.replace("sleep", "no-such-program")}web: { port: ${port} }\n`);
    const { code, out } = await healq(["doctor", "--json"], { cwd });
    expect(code).toBe(1);
    const { ready, diagnoses } = JSON.parse(out) as {
      ready: boolean;
      diagnoses: { about: string; level: string; fix: string | null }[];
    };
    expect(ready).toBe(false);
    const problems = diagnoses.filter((each) => each.level === "problem");
    expect(problems.map((each) => each.about)).toEqual(["redis", "port", "worker"]);
    expect(problems.every((each) => each.fix !== null)).toBe(true);
  });

  it("looks at the machine also when the config is no good", async () => {
    const { code, out } = await healq(["doctor"], { cwd: folderWith("targets: 5\n") });
    expect(code).toBe(1);
    expect(out).toMatch(/^ok +node/m);
    expect(out).toMatch(/^problem +config +healq\.yaml:1:10/m);
  });

  it("exits with 0 on a machine that is ready, and makes nothing", async () => {
    const cwd = folderWith("targets:\n  weights: { kind: file, path: w.json }\nweb: { port: 0 }\n");
    const { code, out } = await healq(["doctor"], { cwd });
    expect(out).toContain("ready: 0 problems");
    expect(code).toBe(0);
    expect(existsSync(join(cwd, ".healq"))).toBe(false);
  });
});

describe("beside a supervisor", () => {
  it("a second `up` is refused, naming the first, with 2", async () => {
    const cwd = folderWith(config);
    await holdLock(cwd);
    const { code, err } = await healq(["up"], { cwd });
    expect(code).toBe(2);
    expect(err).toMatch(new RegExp(`^healq: healq already runs for .*, as pid ${process.pid};`));
  });

  it("`down` says over its socket what is wished, and passes on why it cannot be", async () => {
    const cwd = folderWith(config);
    const asked: unknown[] = [];
    mkdirSync(join(cwd, ".healq"));
    const lock = await acquireSupervisorLock(
      join(cwd, ".healq/healq.sock"),
      { pid: process.pid, node: "n1", since: 0 },
      {
        onRequest: (request, say) => {
          asked.push(request);
          say({ at: "stopping", what: "worker" });
          say({ at: "failed", what: "it is too busy" });
        },
      },
    );
    onTestFinished(() => lock.release());
    const { code, err } = await healq(["down", "--workers"], { cwd });
    expect(asked).toEqual([{ down: "workers" }]);
    expect(err).toContain("stopping worker\n");
    expect(err).toContain("could not stop: it is too busy");
    expect(code).toBe(1);
  });
});

it("`down` where nothing runs says so and exits with 0", async () => {
  expect(await healq(["down"], { cwd: folderWith(config) })).toMatchObject({
    code: 0,
    out: "healq is not running here\n",
  });
});
