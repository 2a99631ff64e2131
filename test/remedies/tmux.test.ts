import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { Finding } from "../../src/model/finding.ts";
import type { Target } from "../../src/model/target.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { askPrompts, makePrompts, requeuePrompts } from "../support/prompts.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { attachPerson, privateTmux } from "../support/tmux.ts";
import { until } from "../support/wait.ts";

/** A tmux server, its prompts, a target that watches `agent-*`, and a way to cure what is found. */
function host(more: object = {}) {
  const tmux = privateTmux();
  const { base, socket } = tmux;
  const prompts = makePrompts(base);
  const fields = {
    session: "agent-*",
    socket,
    idle: "300ms",
    task: askPrompts,
    requeue: requeuePrompts,
    ...more,
  };
  const target = targetOf("tmux", fields, { base });
  const eye = makeEye();
  const rig = remedyRig();
  const stuck = (): Promise<Finding> =>
    until(async () => (await eye(target)).findings.find(({ symptom }) => symptom === "tmux.stuck"));
  const cure = async (name: string, finding: Finding, params: object = {}, of: Target = target) => {
    const remedy = remedyOf(name);
    if (remedy === undefined) throw new Error(name);
    const parsed = remedy.schema.parse(params);
    const plan = await remedy.plan(rig.context(of, { finding }), parsed);
    const context = rig.context(of, { finding });
    return remedy.apply(context, parsed).then(
      (result) => ({ plan, said: context.said, details: result.details, error: undefined }),
      (error: Error) => ({ plan, said: context.said, details: undefined, error: error.message }),
    );
  };
  return { tmux, prompts, target, eye, stuck, cure };
}

test("C-c ends the hung program of a stuck session, and its task is requeued with the reason", async () => {
  const { tmux, prompts, target, eye, stuck, cure } = host();
  tmux.session("agent-1");
  tmux.session("agent-2");
  tmux.type("agent-1", "sleep 600");
  await until(() => tmux.screen("agent-1").includes("sleep 600"));
  prompts.assign(7, "agent-1", 1_000_000_000);
  const finding = await stuck();
  const cured = await cure("interrupt", finding);
  expect(cured.said).toEqual([
    "type C-c into agent-1 (sleep), and wait at most 5 s until it gives way",
    "requeue task 7 of agent-1 in prompts.db",
  ]);
  expect(cured).toMatchObject({ error: undefined, details: { interrupted: "sleep", requeued: ["7"] } });
  expect(cured.plan).toEqual(cured.said);
  expect(tmux.run("list-panes", "-aF", "#{pane_current_command}")).not.toContain("sleep");
  expect(prompts.rows()).toEqual([
    {
      id: 7,
      session: null,
      status: "pending",
      note: expect.stringMatching(/^healq: agent-1 has done nothing for/),
    },
  ]);
  const after = await until(async () => {
    const look = await eye(target);
    return look.message.includes("2 without a task") ? look : undefined;
  });
  expect(after.status).toBe("ok");
  // The same once more, as after a crash: nothing is left to do.
  expect(await cure("interrupt", finding)).toMatchObject({ said: ["agent-1 moves again: leave it alone"] });
});

test("one that does not hear C-c keeps its task until it is killed; then it is requeued and started anew", async () => {
  const { tmux, prompts, stuck, cure, target, eye } = host({ session: "agent-1", run: ["sh"] });
  tmux.session("agent-1", "sh", "-c", "trap '' INT; sleep 600; true");
  prompts.assign(7, "agent-1", 1_000_000_000);
  const finding = await stuck();
  const deaf = await cure("interrupt", finding, { wait: "300ms" });
  expect(deaf.said).toHaveLength(3);
  expect(deaf.error).toBe("C-c changed nothing in agent-1 within 300 ms");
  expect(deaf.plan).toEqual(deaf.said);
  expect(prompts.rows()).toMatchObject([{ id: 7, status: "assigned" }]);

  const again = await stuck();
  const killed = await cure("kill-session", again);
  expect(killed).toMatchObject({
    error: undefined,
    said: [
      "kill the session agent-1, and wait at most 5 s until its processes have ended",
      "requeue task 7 of agent-1 in prompts.db",
      "start the session agent-1 unless it is there: sh",
    ],
    details: { killed: "agent-1", requeued: ["7"], started: "agent-1" },
  });
  expect(prompts.rows()).toMatchObject([{ id: 7, status: "pending" }]);
  expect(await eye(target)).toMatchObject({ status: "ok", message: "agent-1: without a task" });
  expect(await cure("kill-session", again)).toMatchObject({
    said: ["agent-1 is another one now: leave it alone"],
  });
});

test("a shell at its prompt is not interrupted for nothing where nothing requeues its task", async () => {
  const { tmux, prompts, stuck, cure } = host({ requeue: undefined });
  tmux.session("agent-1");
  prompts.assign(7, "agent-1", 1_000_000_000);
  const cured = await cure("interrupt", await stuck(), { wait: "300ms" });
  expect(cured.said).toEqual(["nothing runs in agent-1 but its shell: C-c would change nothing"]);
  expect(cured.error).toContain("C-c changed nothing in agent-1");
});

test("what outlives its session keeps its task; a task of a session that is gone is requeued", async () => {
  const { tmux, prompts, stuck, cure } = host({
    requeue: { run: ["sh", "-c", "echo $HEALQ_SESSION $HEALQ_TASK > given"] },
  });
  tmux.session("keeper", "sleep", "600");
  tmux.session("agent-1", "sh", "-c", "trap '' HUP TERM; sleep 600; true");
  prompts.assign(7, "agent-1", 1_000_000_000);
  const finding = await stuck();
  const pid = Number(tmux.run("list-panes", "-t", "=agent-1:", "-F", "#{pane_pid}"));
  onTestFinished(() => void process.kill(-pid, "SIGKILL"));
  const killed = await cure("kill-session", finding, { wait: "200ms" });
  expect(killed.error).toMatch(
    /^killed, but these live on and their tasks were not requeued: agent-1 pid \d+ \(sh\), /,
  );
  const given = await cure("requeue", finding);
  expect(given).toMatchObject({
    said: ['requeue task 7 of agent-1 by sh -c "echo $HEALQ_SESSION $HEALQ_TASK > given", at most 30 s'],
    details: { requeued: ["7"] },
  });
  expect(given.plan).toEqual(given.said);
});

test("a session that a person has taken since, and any without evidence, is left alone", async () => {
  const { tmux, prompts, stuck, cure } = host();
  tmux.session("agent-1", "sleep", "600");
  prompts.assign(7, "agent-1", 1_000_000_000);
  const finding = await stuck();
  tmux.run("copy-mode", "-t", "=agent-1:");
  for (const remedy of ["interrupt", "kill-session", "requeue"])
    expect((await cure(remedy, finding)).said).toEqual(["agent-1 is used (copy mode is on): leave it alone"]);
  tmux.run("send-keys", "-t", "=agent-1:", "-X", "cancel");
  await attachPerson(tmux, "agent-1");
  for (const remedy of ["interrupt", "kill-session", "requeue"])
    expect((await cure(remedy, finding)).said).toEqual([
      "agent-1 is used (a person is attached): leave it alone",
    ]);
  expect(tmux.screen("agent-1")).not.toContain("^C");
  expect(prompts.rows()).toMatchObject([{ status: "assigned" }]);
  const other = { ...finding, symptom: "tmux.missing", evidence: {} };
  await expect(cure("kill-session", other)).rejects.toThrow("no session of it was seen to be stuck");
});

test("what a session runs, and where, is taken word by word: tmux finds no commands and no formats in it", async () => {
  const where = "a#(touch ran)#{pane_id}";
  const { tmux, target, cure } = host({
    session: "agent-1",
    cwd: where,
    run: [
      "sh",
      "-c",
      'pwd > said; printf %s, "$@" >> said; exec sleep 600;',
      "sh",
      "#{pane_id}",
      "new-window;",
    ],
  });
  mkdirSync(join(tmux.base, where));
  const missing: Finding = {
    symptom: "tmux.missing",
    severity: "critical",
    fact: true,
    message: "there is no session agent-1",
    evidence: { sessions: ["agent-1"] },
  };
  expect((await cure("new-session", missing, {}, target)).error).toBeUndefined();
  const said = join(tmux.base, where, "said");
  await until(() => existsSync(said) && readFileSync(said, "utf8").endsWith("new-window;,"), {
    what: "it runs",
  });
  expect(readFileSync(said, "utf8")).toBe(`${join(tmux.base, where)}\n#{pane_id},new-window;,`);
  expect(tmux.run("list-windows", "-a").trimEnd().split("\n")).toHaveLength(1);
  expect(existsSync(join(tmux.base, "ran"))).toBe(false);
});
