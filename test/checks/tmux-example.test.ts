import { cpSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { loadConfig } from "../../src/config/load.ts";
import { formatProblem } from "../../src/config/problem.ts";
import type { Config } from "../../src/model/config.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { makeEye } from "../support/look.ts";
import { makePrompts } from "../support/prompts.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { privateTmux } from "../support/tmux.ts";
import { until } from "../support/wait.ts";

const examples = fileURLToPath(new URL("../../examples", import.meta.url));

async function load(file: string, env: NodeJS.ProcessEnv): Promise<Config> {
  const result = await loadConfig(file, env);
  if (!result.ok) throw new Error(result.problems.map(formatProblem).join("\n"));
  return result.config;
}

function targetOf(config: Config, id: string) {
  const target = config.targets.get(id);
  if (target === undefined) throw new Error(`no target ${id}`);
  return target;
}

test("examples/kinds/tmux.yaml finds an agent that hangs and cures it, and starts a session that is missing", async () => {
  const base = scratch();
  cpSync(join(examples, "kinds/tmux.yaml"), join(base, "healq.yaml"));
  const tmux = privateTmux(base);
  const prompts = makePrompts(base);
  const config = await load(join(base, "healq.yaml"), { TMUX_SOCKET: "./t", IDLE: "300ms" });
  const [agents, dispatcher] = [targetOf(config, "agents"), targetOf(config, "dispatcher")];
  const [eye, rig] = [makeEye(), remedyRig()];

  expect((await eye(dispatcher)).findings).toMatchObject([{ symptom: "tmux.missing" }]);
  await rig.apply("new-session", dispatcher);
  expect(await eye(dispatcher)).toMatchObject({ status: "ok" });
  expect(tmux.run("list-panes", "-t", "=dispatcher:", "-F", "#{pane_current_command}").trim()).toBe("sleep");

  const spin = `$|=1; while (1) { print "\\r\\xe2\\xa0\\x8b thinking ", ++$n, "s"; select(undef, undef, undef, 0.1) }`;
  tmux.session("agent-1", "perl", "-e", spin);
  prompts.assign(7, "agent-1", 1_000_000_000);
  const finding = await until(async () => (await eye(agents)).findings[0]);
  expect(agents.ladders.bySymptom["tmux.stuck"]?.map(({ remedy }) => remedy)).toEqual([
    "interrupt",
    "kill-session",
  ]);
  const interrupt = remedyOf("interrupt");
  const cured = await interrupt?.apply(rig.context(agents, { finding }), interrupt.schema.parse({}));
  expect(cured?.details).toMatchObject({ requeued: ["7"] });
  expect(prompts.rows()).toMatchObject([{ id: 7, status: "pending", session: null }]);
  expect(await eye(agents)).toMatchObject({ status: "ok" });
});

test("examples/agent-host has no problem, and its sessions are missing as long as nobody starts them", async () => {
  const base = scratch();
  cpSync(join(examples, "agent-host/healq.yaml"), join(base, "healq.yaml"));
  const config = await load(join(base, "healq.yaml"), { TMUX_SOCKET: "./t" });
  const eye = makeEye();
  expect((await eye(targetOf(config, "agent-1"))).findings).toMatchObject([{ symptom: "tmux.missing" }]);
  expect(await eye(targetOf(config, "work"))).toMatchObject({ status: "ok", message: "no session matches" });
  expect(config.targets.get("agent-1")?.ladders.bySymptom["tmux.missing"]).toMatchObject([
    { remedy: "new-session" },
  ]);
});
