import { spawn } from "node:child_process";
import { existsSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { isWanted } from "../../src/checks/tmux-names.ts";
import { afterCpu, firstSeen, mayHaveMoved } from "../../src/checks/tmux-quiet.ts";
import { screenOf } from "../../src/checks/tmux-screen.ts";
import { timeOf } from "../../src/checks/tmux-task.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { askPrompts, makePrompts } from "../support/prompts.ts";
import { scratch } from "../support/scratch.ts";
import { attachPerson, type PrivateTmux, privateTmux } from "../support/tmux.ts";
import { until } from "../support/wait.ts";

/** A client in control mode, which needs no terminal; tmux counts it as attached. */
async function attach({ socket, run }: PrivateTmux, session: string): Promise<void> {
  const client = spawn("tmux", ["-S", socket, "-C", "attach", "-t", `=${session}:`], {
    stdio: ["pipe", "ignore", "ignore"],
  });
  onTestFinished(() => void client.kill());
  await until(() =>
    run("list-sessions", "-F", "#{session_name} #{session_attached}").includes(`${session} 1`),
  );
}

const spinner = `$|=1; while (1) { for ("-", "+") { print "\\rthinking $_"; select(undef, undef, undef, 0.1) } }`;

test("of all that may look still, only a session that hangs with a task is stuck", async () => {
  const tmux = privateTmux();
  const { base, socket } = tmux;
  const prompts = makePrompts(base);
  tmux.session("agent-hung", "sleep", "600");
  tmux.session("agent-spinner", "perl", "-e", spinner);
  tmux.session("agent-compiler", "sh", "-c", "while :; do :; done");
  tmux.session("agent-waits");
  tmux.session("agent-attached", "sleep", "600");
  tmux.session("agent-peopled", "sleep", "600");
  tmux.session("agent-copying", "sleep", "600");
  tmux.session("other", "sleep", "600");
  await attach(tmux, "agent-attached");
  await attachPerson(tmux, "agent-peopled");
  tmux.run("copy-mode", "-t", "=agent-copying:");
  const names = ["hung", "spinner", "compiler", "attached", "copying", "peopled"];
  for (const [index, name] of names.entries()) prompts.assign(index + 1, `agent-${name}`);
  const fields = { session: "agent-*", socket, idle: "1.5s", task: askPrompts };
  const target = targetOf("tmux", fields, { base });
  const spun = targetOf(
    "tmux",
    { ...fields, session: "agent-spinner", ignore: ["thinking [-+]"] },
    { base, id: "spun" },
  );
  const eye = makeEye();

  const first = await eye(target);
  expect(first.message).toMatch(/^7 sessions: /);
  expect(first).toMatchObject({ status: "ok", metrics: { sessions: 7, stuck: 0 } });
  const seen = await until(async () => {
    await eye(spun);
    const look = await eye(target);
    return look.status === "ok" ? undefined : look;
  });
  expect(seen.message).toMatch(/^agent-hung has done nothing for [\d.]+ s with task 1$/);
  expect(seen.findings).toMatchObject([
    {
      symptom: "tmux.stuck",
      fact: false,
      evidence: { sessions: [{ session: "agent-hung", task: "1", processes: ["sleep"] }] },
    },
  ]);
  // The others have had as long, and longer: they do not become stuck.
  const end = performance.now() + 2_000;
  while (performance.now() < end) expect((await eye(target)).message).toMatch(/^agent-hung has [^;]+$/);
  // Who says what may move on the screen of a spinner finds that it hangs.
  await until(async () => /^agent-spinner has done nothing/.test((await eye(spun)).message));
});

test("a name that is not there is missing, a fact, with or without a server; a pattern may match nothing", async () => {
  const tmux = privateTmux();
  const eye = makeEye();
  const look = (session: string | string[]) =>
    eye(targetOf("tmux", { session, socket: tmux.socket }, { base: tmux.base }));
  expect(await look("a")).toMatchObject({
    status: "critical",
    findings: [{ symptom: "tmux.missing", fact: true }],
  });
  expect(await look("a*")).toMatchObject({ status: "ok", message: "no session matches" });
  tmux.session("a");
  expect(await look("a")).toMatchObject({ status: "ok", message: "a: is there", metrics: { sessions: 1 } });
  expect((await look(["a", "b", "c"])).message).toBe(
    `there are no sessions b, c on the tmux server ${tmux.socket}`,
  );
  // As in the moment between the end of a server's last session and its own.
  tmux.run("set-option", "-s", "exit-empty", "off");
  tmux.run("kill-session", "-t", "=a");
  expect((await look("a")).findings).toMatchObject([{ symptom: "tmux.missing" }]);
  tmux.run("kill-server");
  expect(await look("a")).toMatchObject({ status: "critical" });
});

test("a task counts from when it was assigned; without a time from when it was first seen", async () => {
  const tmux = privateTmux();
  const { base, socket } = tmux;
  const prompts = makePrompts(base);
  const eye = makeEye();
  tmux.session("a");
  await until(() => tmux.screen("a").trim() !== "");
  const target = targetOf("tmux", { session: "a", socket, idle: "700ms", task: askPrompts }, { base });
  await eye(target);
  await until(async () => (await eye(target)).message === "a: without a task");
  const began = performance.now();
  await until(() => performance.now() - began > 800, { what: "it has waited for longer than idle" });
  prompts.assign(7, "a");
  expect((await eye(target)).message).toMatch(/^a: quiet for \d{1,3} ms with task 7$/);
  expect(await until(async () => (await eye(target)).findings[0])).toMatchObject({ symptom: "tmux.stuck" });
});

test("when it cannot be told whether there is a task, nothing is stuck and the reason is said", async () => {
  const tmux = privateTmux();
  const { base, socket } = tmux;
  tmux.session("a", "sleep", "600");
  const eye = makeEye();
  const look = async (task: object) => {
    const { status, message } = await eye(
      targetOf("tmux", { session: "a", socket, idle: "1ms", task }, { base }),
    );
    return `${status}: ${message}`;
  };
  const unsure = "unknown: a: whether it has a task: ";
  expect(await look(askPrompts)).toBe(`${unsure}prompts.db: there is no such file`);
  expect(existsSync(join(base, "prompts.db"))).toBe(false);
  makePrompts(base);
  expect(await look({ sqlite: "prompts.db", query: "SELECT id FROM nowhere" })).toMatch(
    /no such table: nowhere/,
  );
  expect(await look({ sqlite: "prompts.db", query: "WITH x AS (SELECT 1) DELETE FROM prompts" })).toMatch(
    /^unknown: .*(readonly|read-only|query_only)/i,
  );
  expect(await look({ run: ["sh", "-c", "echo no >&2; exit 3"] })).toBe(`${unsure}sh exited with code 3: no`);
  expect(await look({ run: ["ask-the-moon"] })).toBe(`${unsure}command not found: ask-the-moon`);
  expect(await look({ run: ["true"] })).toBe("ok: a: without a task");
  expect(await look({ run: ["sh", "-c", 'echo "for $HEALQ_SESSION"'] })).toMatch(/with task for a/);
  rmSync(join(base, "prompts.db"));
});

test("a tmux that hangs, or is not there, is unknown and named", async () => {
  const tmux = privateTmux();
  tmux.session("a");
  const pid = Number(tmux.run("display-message", "-p", "#{pid}"));
  const eye = makeEye();
  const target = targetOf("tmux", { session: "a", socket: tmux.socket }, { base: tmux.base, timeout: 200 });
  process.kill(pid, "SIGSTOP");
  const hung = await eye(target);
  process.kill(pid, "SIGCONT");
  expect(hung).toMatchObject({
    status: "unknown",
    message: `the tmux server at ${tmux.socket} did not answer`,
  });
  const path = process.env.PATH;
  process.env.PATH = scratch();
  const none = await makeEye()(target);
  process.env.PATH = path;
  expect(none).toMatchObject({ status: "unknown", message: "command not found: tmux; install tmux" });
});

test.runIf(process.geteuid?.() === 0)("root does not talk to the tmux of another user", async () => {
  const base = scratch();
  const socket = join(base, "theirs");
  writeFileSync(socket, "");
  const { chownSync } = await import("node:fs");
  chownSync(socket, 12_345, 12_345);
  const seen = await makeEye()(targetOf("tmux", { session: "a", socket }, { base }));
  expect(seen.status).toBe("unknown");
  expect(seen.message).toContain("does not talk to the tmux of uid 12345");
});

test("what may not stand together is refused, in words", () => {
  const problems = (written: object) => {
    const kind = kindOf("tmux");
    const spec = kind?.schema.parse(written);
    return (kind?.problems?.(spec) ?? []).map(({ path, message }) => `${path.join(".")}: ${message}`);
  };
  expect(problems({ session: "a", idle: "5m" })).toEqual([
    "idle: does nothing without `task`, which says who has work",
  ]);
  const everyone = { sqlite: "x.db", query: "SELECT id FROM prompts" };
  expect(problems({ session: "a-*", task: everyone })).toEqual([
    "task: the query must name :session, or all sessions would have the same task",
  ]);
  expect(problems({ session: "a", task: everyone })).toEqual([]);
  expect(problems({ session: ["a", "b"], run: ["x"] })).toEqual([
    "run: is for one session with a plain name",
  ]);
  const refused = (written: object) => kindOf("tmux")?.schema.safeParse(written).success === false;
  expect(refused({ session: "a:b" })).toBe(true);
  expect(refused({ session: "a", requeue: { sqlite: "x", update: "UPDATE t SET s = 1" } })).toBe(true);
  expect(refused({ session: "a", task: { sqlite: "x", query: "DELETE FROM t" } })).toBe(true);
});

test("the parts by themselves: names, screens, times, processor time", () => {
  expect(isWanted("agent-12", ["x", "agent-*"])).toBe(true);
  expect(isWanted("agent-12", ["agent-?", "agent", "*3"])).toBe(false);
  expect(isWanted("a".repeat(60), [`${"*a".repeat(25)}*b`])).toBe(false);
  const hash = (text: string, history = "0") => {
    const screen = screenOf(text, { ignore: [], history });
    return "hash" in screen ? screen.hash : screen.problem;
  };
  expect(hash("a  \n\n^C\n")).toBe(hash("a\n"));
  expect(hash("tick\ntick\n", "1")).not.toBe(hash("tick\ntick\n", "2"));
  expect(timeOf("2026-11-22 01:00:00")).toBe(Date.UTC(2026, 10, 22, 1));
  expect(timeOf("2026-11-22T01:00:00+01:00")).toBe(Date.UTC(2026, 10, 22));
  expect([timeOf(1_795_309_202), timeOf(1_795_309_202_000)]).toEqual([1_795_309_202_000, 1_795_309_202_000]);
  expect(timeOf("soon")).toBeUndefined();
  const seen = { ...firstSeen("k", { now: 0, cpu: 5 }), hash: "h" };
  const works = (now: number, cpu: number) => afterCpu(seen, { now, cpu, maxCpu: 0.01 }).works;
  expect([
    works(10_000, 5.09),
    works(10_000, 5.11),
    works(100, 5.02),
    works(100, 5.03),
    works(10_000, 4),
  ]).toEqual([false, true, false, true, true]);
  const read = { ...seen, readAt: 5_500 };
  const moved = (activity: number, now: number) => mayHaveMoved(read, { activity, now });
  expect([moved(4, 9_000), moved(5, 9_000), moved(4, 1_000)]).toEqual([false, true, true]);
});
