import { expect, test } from "vitest";
import { makeNode } from "../support/node.ts";
import { askPrompts, makePrompts, requeuePrompts } from "../support/prompts.ts";
import { auditOf, shownOf } from "../support/record.ts";
import { privateTmux } from "../support/tmux.ts";
import { until } from "../support/wait.ts";

test("a stuck session climbs its ladder: C-c, which it does not hear, then it is killed, its task requeued, and it is back", async () => {
  // Before the node, so that it ends after it: a healq that runs would start the session again.
  const tmux = privateTmux();
  const node = makeNode({
    defaults: { every: "1s", backoff: { delay: "100ms" } },
    targets: {
      agent: {
        ...{ kind: "tmux", session: "agent-1", socket: tmux.socket, idle: "500ms", run: ["sh"] },
        ...{ task: askPrompts, requeue: requeuePrompts },
        heal: {
          "tmux.stuck": [{ interrupt: { wait: "200ms" } }, "kill-session"],
          "tmux.missing": ["new-session"],
        },
      },
    },
  });
  const prompts = makePrompts(node.folder);
  tmux.session("agent-1", "sh", "-c", "trap '' INT; echo thinking; sleep 600; true");
  prompts.assign(7, "agent-1", 1_000_000_000);
  await node.up();
  const cured = await until(() => auditOf(node, "agent").find(({ event }) => event === "heal.succeeded"), {
    within: 15_000,
  });
  expect(cured).toMatchObject({
    action: "kill-session",
    symptom: "tmux.stuck",
    details: { requeued: ["7"] },
  });
  expect(prompts.rows()).toMatchObject([{ id: 7, status: "pending", session: null }]);
  const started = auditOf(node, "agent").filter(({ event }) => event === "heal.started");
  expect([started.at(0)?.action, started.at(-1)?.action]).toEqual(["interrupt", "kill-session"]);
  expect(JSON.stringify(started[0]?.details)).toContain("thinking");
  await until(() => shownOf(node, "agent")?.status === "ok");
  expect(tmux.run("list-sessions", "-F", "#{session_name}").trim()).toBe("agent-1");

  tmux.run("kill-server");
  await until(
    () =>
      auditOf(node, "agent").some(
        ({ action, event }) => action === "new-session" && event === "heal.succeeded",
      ),
    {
      within: 15_000,
    },
  );
}, 60_000);
