import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parsePerfdata } from "../../src/checks/perfdata.ts";
import { identityOf, isAlive } from "../../src/system/procfs.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

const shell = (script: string): string[] => ["sh", "-c", script];

test("exit codes are statuses, the first line is the message", async () => {
  const eye = makeEye();
  const judge = async (script: string) => {
    const { status, message, findings } = await eye(targetOf("command", { run: shell(script) }));
    return [status, message, ...findings.map((finding) => finding.symptom)];
  };
  expect(await judge("echo OK - fine; echo more")).toEqual(["ok", "OK - fine"]);
  expect(await judge("exit 0")).toEqual(["ok", "exited with code 0"]);
  expect(await judge("echo W; exit 1")).toEqual(["warning", "W", "command.warning"]);
  expect(await judge("exit 2")).toEqual(["critical", "sh exited with code 2", "command.critical"]);
  expect(await judge("echo cannot reach it; exit 3")).toEqual([
    "unknown",
    "sh exited with code 3: cannot reach it",
  ]);
  expect(await judge("echo oops >&2; exit 127")).toEqual(["unknown", "sh exited with code 127: oops"]);
  expect(await judge("kill -9 $$")).toEqual(["unknown", "sh was killed by SIGKILL"]);
});

test("performance data become metrics", async () => {
  const run = shell(
    "echo \"OK | time=0.02s;1;2;0 'disk used'=81%;;90 bad=x\"; echo long text '|' rows=12 size=-4.5MB;",
  );
  const seen = await makeEye()(targetOf("command", { run }));
  expect(seen).toMatchObject({
    message: "OK",
    metrics: { time: 0.02, "disk used": 81, rows: 12, size: -4.5 },
  });
});

test("performance data are parsed strictly, and at most 50 values of them", () => {
  expect(parsePerfdata("a=1 b c=U d= =3 e=1e9 f=2;@10:20;~:5;0;9 g=1;x __proto__=5 h=7")).toEqual({
    a: 1,
    f: 2,
    h: 7,
  });
  const many = Array.from({ length: 80 }, (_, index) => `v${index}=${index}`).join(" ");
  expect(Object.keys(parsePerfdata(many))).toHaveLength(50);
});

test("a program that does not end is ended with its whole group at the timeout", async () => {
  const base = scratch();
  const run = shell("trap '' TERM; sleep 300 & echo $! > child; wait");
  const seen = await makeEye()(targetOf("command", { run }, { base, timeout: 400 }));
  expect(seen).toMatchObject({ status: "unknown", findings: [], message: "sh did not finish within 400 ms" });
  const child = identityOf(Number(readFileSync(join(base, "child"), "utf8")));
  await until(() => child === undefined || isAlive(child) !== "alive", { what: "the grandchild is gone" });
});

test("a grandchild that holds the output does not hold the look", async () => {
  const base = scratch();
  const seen = await makeEye()(
    targetOf("command", { run: shell("sleep 5 & echo $! > child; echo OK") }, { base }),
  );
  expect(seen).toMatchObject({ status: "ok", message: "OK" });
  expect(seen.durationMs).toBeLessThan(10_000);
  process.kill(Number(readFileSync(join(base, "child"), "utf8")), "SIGKILL");
});

test("endless output neither blocks the program nor fills the memory, and control characters stay out of the message", async () => {
  const seen = await makeEye()(
    targetOf("command", { run: shell("printf 'OK \\033[31mred\\n'; head -c 5000000 /dev/zero; exit 1") }),
  );
  expect(seen).toMatchObject({ status: "warning", message: "OK red" });
});

test("arguments are literal, and nothing of healq's own is in the environment", async () => {
  const base = scratch();
  process.env.HEALQ_SECRET_OF_TEST = "1";
  const literal = await makeEye()(targetOf("command", { run: ["echo", "$HOME; touch x", "`id`"] }, { base }));
  expect(literal.message).toBe("$HOME; touch x `id`");
  const seen = await makeEye()(
    targetOf("command", {
      run: shell(`[ -z "$(env | grep HEALQ_)" ] && echo "$GREETING"`),
      env: { GREETING: "hello" },
    }),
  );
  delete process.env.HEALQ_SECRET_OF_TEST;
  expect(seen).toMatchObject({ status: "ok", message: "hello" });
});

test("a missing program, a missing folder and a file that cannot be run are unknown and named", async () => {
  const base = scratch();
  const eye = makeEye();
  writeFileSync(join(base, "plain"), "");
  const judge = async (written: object) => {
    const { status, message } = await eye(targetOf("command", written, { base }));
    return `${status}: ${message}`;
  };
  expect(await judge({ run: ["check_moon"] })).toBe("unknown: command not found: check_moon");
  expect(await judge({ run: ["true"], cwd: "nowhere" })).toBe(
    `unknown: cwd ${base}/nowhere is not a folder that can be entered`,
  );
  expect(await judge({ run: ["./plain"] })).toMatch(/^unknown: not executable: /);
  writeFileSync(join(base, "broken"), "#!/no/such/interpreter\n");
  chmodSync(join(base, "broken"), 0o755);
  expect(await judge({ run: ["./broken"] })).toMatch(
    /^unknown: \.\/broken could not be started: the interpreter in its first line is missing/,
  );
});

test.runIf(process.geteuid?.() === 0)("as root a program that others can write is not run", async () => {
  const base = scratch();
  writeFileSync(join(base, "open"), "#!/bin/sh\necho ran > ran\n");
  chmodSync(join(base, "open"), 0o777);
  const seen = await makeEye()(targetOf("command", { run: ["./open"] }, { base }));
  expect(seen).toMatchObject({ status: "unknown" });
  expect(seen.message).toContain("can be written by others");
});
