import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { CommandLoop } from "../../src/system/command-loop.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { lives } from "../support/worker.ts";

const env = { PATH: process.env.PATH ?? "", GREETING: "good day" };

/** Says who runs it, and what it was told; fails when `bad` is there, and hangs when `hang` is. */
const script = `echo "$PPID $GREETING $1"
test ! -e hang || exec sleep 300
test ! -e bad || { echo "it is bad" >&2; exit 3; }`;

function loopIn(folder: string, more: { timeout?: number; limit?: number } = {}): CommandLoop {
  const argv = ["sh", "-c", `cd "$0"; ${script}`, folder, "a 'b' $c"] as const;
  return new CommandLoop({ argv, env, timeout: 20_000, limit: 10_000, ...more });
}

const saidBy = async (loop: CommandLoop) => {
  const ran = await loop.run();
  if (ran.end !== "exit") throw new Error(JSON.stringify(ran));
  return ran;
};

test("the same small process runs it each time, and answers come in the order of the questions", async () => {
  const folder = scratch();
  const loop = loopIn(folder);
  const [first, second] = await Promise.all([saidBy(loop), saidBy(loop)]);
  expect(first).toMatchObject({ code: 0, stderr: "" });
  expect(first.stdout).toMatch(/^\d+ good day a 'b' \$c\n$/);
  expect(second).toEqual(first);
  writeFileSync(join(folder, "bad"), "");
  const failed = await saidBy(loop);
  expect(failed).toMatchObject({ code: 3, stdout: "", stderr: `${first.stdout}it is bad\n` });
});

test("a run that hangs is given up with all that it started, and so are those behind it; the next one is a new process'", async () => {
  const folder = scratch();
  const quick = loopIn(folder, { timeout: 500 });
  writeFileSync(join(folder, "hang"), "");
  const pids = join(folder, "pids");
  const loop = new CommandLoop({
    argv: ["sh", "-c", `echo $PPID > '${pids}'; exec sleep 300`],
    env,
    timeout: 500,
    limit: 10_000,
  });
  expect(await Promise.all([quick.run(), quick.run(), loop.run()])).toEqual([
    { end: "aborted" },
    { end: "aborted" },
    { end: "aborted" },
  ]);
  const pid = Number(readFileSync(pids, "utf8"));
  await until(() => !lives(pid), { what: "its process is gone" });
  rmSync(join(folder, "hang"));
  await until(async () => (await quick.run()).end === "exit", { what: "it runs again" });
});

test("one that is killed from outside says so, and is there again for the next run", async () => {
  const loop = loopIn(scratch());
  const { stdout } = await saidBy(loop);
  process.kill(Number.parseInt(stdout, 10), "SIGKILL");
  // Its end may be heard before or after the question.
  const next = await until(async () => {
    const ran = await loop.run();
    return ran.end === "exit" ? ran.stdout : undefined;
  });
  expect(Number.parseInt(next, 10)).not.toBe(Number.parseInt(stdout, 10));
});

test("without a shell it was not started; an answer without end is given up", async () => {
  const nowhere = new CommandLoop({ argv: ["true"], env: { PATH: scratch() }, timeout: 20_000, limit: 100 });
  expect(await nowhere.run()).toMatchObject({ end: "not started" });
  const endless = new CommandLoop({ argv: ["yes"], env, timeout: 20_000, limit: 10_000 });
  expect(await endless.run()).toEqual({ end: "aborted" });
});
