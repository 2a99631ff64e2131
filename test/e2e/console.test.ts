import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { environValue, listProcesses, readStat } from "../../src/system/procfs.ts";
import { consoleOf, windowsOf } from "../support/console.ts";
import { healqProgram, makeNode, startNode, type TestNode } from "../support/node.ts";
import { auditOf, eventsOf, untilBack, untilWell } from "../support/record.ts";
import { attachPerson } from "../support/tmux.ts";
import { until } from "../support/wait.ts";
import { copiesOf, lives, processesOf } from "../support/worker.ts";

const defaults = { every: "1s", probation: "1s", backoff: { delay: "50ms", max: "100ms" } };

/** Waits until these are all windows, `SESSION PID` each, in the order of their names: a new one gets its place after its start. */
async function untilWindows(node: TestNode, ...windows: string[]): Promise<void> {
  await until(() => isDeepStrictEqual(windowsOf(node).toSorted(), windows), {
    what: windows.join(", "),
  }).catch((error: unknown) => {
    throw new Error(`${String(error)}, but: ${windowsOf(node).join(", ")}`);
  });
}

/** The pids of its tmux server, and of clients that talk to it. */
const serversOf = (node: TestNode) =>
  listProcesses()
    .filter(({ cmdline }) => cmdline.includes(`${node.stateDir}/console.sock`))
    .map(({ pid }) => pid);

const leftovers = (node: TestNode) =>
  readdirSync(node.path("state/pids")).filter((name) => name.endsWith(".gate"));

/** Says what it got, and then a line for each line that is typed to it. */
const chatty = (id: string) => ({
  kind: "process",
  run: ["sh", "-c", 'echo "begins with $SECRET"; while read -r line; do echo "heard $line"; done;'],
  env: { SECRET: "a b'c;#{pane_id}", WORKER_ID: id },
  stableFor: "300ms",
  console: "tmux",
});

const screenOf = (node: TestNode, session: string) =>
  consoleOf(node).run("capture-pane", "-p", "-t", `=${session}:`);

test("a process in tmux is one a person can attach to and type to; it is healed like any other, and who is attached sees it come back", async () => {
  const node = await startNode({ defaults, targets: { "chat.ty": chatty("chat.ty") } });
  await untilWell(node, "chat.ty");
  const pid = node.pid("chat.ty") ?? 0;
  await untilWindows(node, `chat+ty ${pid}`);
  expect(environValue(pid, "SECRET")).toBe("a b'c;#{pane_id}");
  expect(environValue(pid, "HEALQ_INSTANCE")).toContain("/chat.ty/");
  const terminal = ["TMUX", "TMUX_PANE", "TERM_PROGRAM", "TERM", "SHELL", "LC_CTYPE"];
  expect(terminal.map((name) => environValue(pid, name))).toEqual([
    undefined,
    undefined,
    undefined,
    "screen-256color",
    process.env.SHELL,
    process.env.LC_CTYPE,
  ]);
  // What anybody on the machine could read.
  expect(listProcesses().filter(({ cmdline }) => cmdline.includes("a b'c;"))).toEqual([]);

  const person = await attachPerson(consoleOf(node), "chat+ty");
  person.type("hello\r");
  const log = () => readFileSync(node.path("state/logs/chat.ty.log"), "utf8");
  await until(() => log().includes("heard hello"), { what: "it heard what was typed" });
  expect(log()).toMatch(/^begins with a b'c;#\{pane_id\}\r\n/);
  expect((await node.healq("logs", "chat.ty")).stdout).toContain("heard hello\n");

  const back = await untilBack(node, "chat.ty");
  await untilWell(node, "chat.ty");
  expect(auditOf(node, "chat.ty").find(({ event }) => event === "target.exited")?.reason).toBe(
    "killed by SIGKILL",
  );
  await untilWindows(node, `chat+ty ${back.pid}`);
  // The same terminal, the next process.
  person.type("again\r");
  await until(() => screenOf(node, "chat+ty").includes("heard again"), { what: "the new one hears" });
  await until(() => log().includes("heard again"), { what: "tmux has handed it over" });
  expect(log().match(/begins with/g)).toHaveLength(2);
});

test("it outlives healq, how it ended meanwhile is known afterwards, and `down --workers` leaves nothing", async () => {
  const job = {
    kind: "process",
    run: ["sh", "-c", "while test ! -e done; do sleep 0.1; done; exit 7"],
    env: { WORKER_ID: "job" },
    restart: "on-failure",
    exitCodes: [7],
    console: "tmux",
    stableFor: "300ms",
  };
  const node = await startNode({ defaults, targets: { job, pool: { ...chatty("pool"), instances: 2 } } });
  await untilWell(node, "job");
  await untilWell(node, "pool");
  const pid = node.pid("job") ?? 0;
  const pool = ["pool", "pool@2"].map((name) => node.pid(name) ?? 0);
  await untilWindows(node, `job ${pid}`, `pool ${pool[0]}`, `pool@2 ${pool[1]}`);
  const server = readStat(pid)?.ppid ?? 0;

  await node.crash();
  expect([pid, ...pool].every(lives)).toBe(true);
  writeFileSync(node.path("done"), "");
  await until(() => !lives(pid), { what: "the job is done" });
  await node.up();
  await until(async () => (await node.status("job")).message === "finished with code 7", { within: 15_000 });
  // Healq was away, and runs the job again when it comes up: it is the first end that only tmux can tell.
  const ends = () => auditOf(node, "job").filter(({ event }) => event === "target.exited");
  await until(() => ends().length > 0, { what: "the end of the first one is told" });
  expect(ends()[0]?.reason).toBe("exited with code 7");
  expect(["pool", "pool@2"].map((name) => node.pid(name))).toEqual(pool);
  expect(eventsOf(node, "job")["incident.opened"]).toBeUndefined();
  // It is heard again.
  process.kill(pool[1] ?? 0, "SIGTERM");
  await until(() => auditOf(node, "pool").some(({ reason }) => reason === "copy 2 killed by SIGTERM"), {
    within: 10_000,
    what: "the death of an adopted one is told",
  });
  await untilWell(node, "pool");

  expect((await node.healq("down")).code).toBe(0);
  expect(copiesOf(node, "pool")).toHaveLength(2);
  expect((await node.healq("down", "--workers")).code).toBe(0);
  expect([...copiesOf(node, "pool"), ...copiesOf(node, "job")]).toEqual([]);
  await until(() => !lives(server), { what: "the tmux server ends with its last window" });
});

test("a person's stop closes its window and theirs alone; a tmux server that is killed takes nothing with it for long", async () => {
  const folder = `it's "#(touch ran)" %Y`;
  const target = { ...chatty("one"), cwd: folder, log: { path: `${folder}/out.log` }, nice: 5, umask: "027" };
  const node = makeNode({ defaults, targets: { one: target, two: chatty("two") } });
  mkdirSync(node.path(folder));
  await node.up();
  await untilWell(node, "one");
  await untilWell(node, "two");
  const log = () => readFileSync(node.path(`${folder}/out.log`), "utf8");
  await until(() => log().includes("begins with"), {
    within: 10_000,
    what: "tmux has handed over the output",
  });
  // A person's own window beside it is no part of the process.
  const { run } = consoleOf(node);
  const own = Number(run("new-window", "-d", "-P", "-F", "#{pane_pid}", "-t", "=one:", "sleep", "1000"));
  expect(environValue(own, "HEALQ_INSTANCE")).toBeUndefined();
  expect((await node.healq("restart", "one")).code).toBe(0);
  await untilWell(node, "one");
  expect((await node.healq("stop", "one")).code).toBe(0);
  expect(lives(own)).toBe(true);
  await untilWindows(node, `one ${own}`, `two ${node.pid("two")}`);
  expect((await node.healq("start", "one")).code).toBe(0);
  await untilWell(node, "one");
  expect(windowsOf(node)).toHaveLength(3);

  const before = ["one", "two"].map((name) => node.pid(name) ?? 0);
  process.kill(readStat(before[0] ?? 0)?.ppid ?? 0, "SIGKILL");
  for (const [index, name] of ["one", "two"].entries()) {
    await until(() => node.pid(name) !== undefined && node.pid(name) !== before[index], { within: 10_000 });
    await untilWell(node, name);
  }
  await untilWindows(node, `one ${node.pid("one")}`, `two ${node.pid("two")}`);
  expect(before.filter(lives)).toEqual([]);
});

test("healq killed in the middle of starts leaves none waiting in its window, and no second copy", async () => {
  const ids = ["a", "b", "c", "d"];
  const node = makeNode({ defaults, targets: Object.fromEntries(ids.map((id) => [id, chatty(id)])) });
  for (const started of [0, 1, 3]) {
    const up = node.up().catch(() => undefined);
    await until(() => windowsOf(node).length > started, { within: 15_000, every: 1 });
    await node.crash();
    await up;
  }
  await node.up();
  for (const id of ids) await untilWell(node, id);
  for (const id of ids) expect(copiesOf(node, id)).toEqual([node.pid(id)]);
  await untilWindows(node, ...ids.map((id) => `${id} ${node.pid(id)}`));
});

test("what cannot run in tmux says why, and is not started without it", async () => {
  const targets = {
    huge: { ...chatty("huge"), env: { HUGE: "x".repeat(20_000) } },
    wordy: { ...chatty("wordy"), run: ["echo", "x".repeat(20_000)] },
    odd: { ...chatty("odd"), envFile: "odd.env" },
    gone: { ...chatty("gone"), run: ["no-such-program"] },
  };
  const node = makeNode({ defaults, targets });
  writeFileSync(node.path("odd.env"), "a.b=1\n");
  await node.up();
  const problems = {
    huge: "the variable HUGE is longer than the 16000 bytes that tmux takes",
    wordy: "its command line and the names of its variables are longer than the 16000 bytes that tmux takes",
    odd: 'the variable "a.b" would be lost: console: tmux needs a shell',
    gone: "command not found: no-such-program",
  };
  for (const [name, problem] of Object.entries(problems)) {
    await until(async () => (await node.status(name)).phase === "gave-up", { within: 20_000 });
    expect((await node.status(name)).message).toContain(problem);
  }
  expect(windowsOf(node)).toEqual([]);
  expect(serversOf(node)).toEqual([]);
});

test("`down --workers` closes what a failed start, or a healq killed in its first start, left in tmux", async () => {
  const node = makeNode({ defaults, targets: { chatty: { ...chatty("chatty"), cwd: "work" } } });
  mkdirSync(node.path("work"));
  const up = node.up().catch(() => undefined);
  await until(() => windowsOf(node).length > 0, { within: 15_000, every: 1 });
  await node.crash();
  await up;
  expect((await node.healq("down", "--workers")).code).toBe(0);
  await until(() => serversOf(node).length === 0, { what: "nothing is left of the first start" });
  expect(leftovers(node)).toEqual([]);

  await node.up();
  expect((await node.healq("start", "chatty")).code).toBe(0);
  await untilWell(node, "chatty");
  rmSync(node.path("work"), { recursive: true });
  process.kill(node.pid("chatty") ?? 0, "SIGKILL");
  await until(async () => (await node.status("chatty")).message.includes("the working folder is missing"), {
    within: 10_000,
  });
  // Who is attached still sees the last it wrote.
  expect(windowsOf(node)).toHaveLength(1);
  expect((await node.healq("down", "--workers")).code).toBe(0);
  await until(() => serversOf(node).length === 0, { what: "the window of the one before is closed" });
});

test("healq attach shows the window, tells programs what it would run, and says why there is none", async () => {
  const node = await startNode({
    defaults,
    targets: {
      chatty: chatty("chatty"),
      deaf: { ...chatty("deaf"), run: ["sh", "-c", "trap '' HUP; exec sleep 1000"] },
      plain: { kind: "process", run: ["sleep", "1000"] },
    },
  });
  await untilWell(node, "chatty");
  await untilWell(node, "deaf");
  const told = await node.healq("attach", "chatty", "--read-only", "--json");
  const { argv, ...rest } = JSON.parse(told.stdout);
  expect(rest).toEqual({ target: "chatty", pid: node.pid("chatty") });
  expect(argv.join(" ")).toMatch(/tmux .*state\/console\.sock attach-session -r -t %\d+$/);
  expect(await node.healq("attach", "chatty")).toMatchObject({
    code: 2,
    stderr: expect.stringContaining("healq logs chatty --follow"),
  });
  expect((await node.healq("attach", "plain")).stderr).toContain("give it `console: tmux`");
  expect((await node.healq("attach", "chaty")).stderr).toContain('did you mean "chatty"');

  const command = `'${process.execPath}' '${healqProgram}' attach chatty -c '${node.configFile}'`;
  const client = spawn("script", ["-qec", command, "/dev/null"], {
    env: { ...process.env, TERM: "xterm" },
    stdio: ["pipe", "pipe", "ignore"],
  });
  onTestFinished(() => void client.kill());
  let seen = "";
  client.stdout.on("data", (bytes) => (seen += bytes));
  const ended = new Promise((resolve) => client.once("exit", resolve));
  await until(() => seen.includes("C-b d: leave it running"), {
    within: 10_000,
    what: "the window is shown",
  });
  client.stdin.write("\u0002d");
  expect(await ended).toBe(0);
  expect(lives(node.pid("chatty") ?? 0)).toBe(true);

  const pid = node.pid("deaf") ?? 0;
  process.kill(readStat(pid)?.ppid ?? 0, "SIGKILL");
  await until(async () =>
    (await node.healq("attach", "deaf")).stderr.includes(`runs as pid ${pid}, but has no window`),
  );
  expect((await node.healq("stop", "chatty")).code).toBe(0);
  expect((await node.healq("attach", "chatty")).stderr).toContain("`healq start chatty` starts it");
});

test("a tmux server that hung and goes on makes no second copy of what was given up meanwhile", async () => {
  const node = await startNode({
    defaults: { ...defaults, attempts: 10, budget: { max: 100, per: "1m" } },
    targets: { chatty: chatty("chatty") },
  });
  await untilWell(node, "chatty");
  const first = node.pid("chatty") ?? 0;
  const server = readStat(first)?.ppid ?? 0;
  process.kill(server, "SIGSTOP");
  onTestFinished(() => {
    if (lives(server)) process.kill(server, "SIGCONT");
  });
  process.kill(first, "SIGKILL");
  const failures = () => auditOf(node, "chatty").filter(({ reason }) => reason.includes("did not answer"));
  await until(() => failures().length >= 2, { within: 20_000, what: "two starts are given up" });
  process.kill(server, "SIGCONT");
  await untilWell(node, "chatty");
  const pid = node.pid("chatty") ?? 0;
  await untilWindows(node, `chatty ${pid}`);
  expect(processesOf(node, "chatty")).toEqual([pid]);
  // Nothing else holds the way by which its end is heard.
  expect((await untilBack(node, "chatty")).pid).not.toBe(pid);
});
