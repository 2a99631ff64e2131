import { appendFileSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";

test("what a log asks for and the config forbids is said, and uses up no try of what is allowed", async () => {
  const node = await startNode(
    {
      defaults: { every: "1s", probation: "1s", backoff: { delay: "200ms" } },
      targets: {
        app: {
          kind: "log",
          path: "app.log",
          preset: "python",
          quiet: "4s",
          allow: { create: { "state.json": "{}" }, install: { python: ["requests"] } },
        },
      },
    },
    { files: { "app.log": "" } },
  );
  await untilShown(node, ["app"]);
  const path = node.path("state.json");
  appendFileSync(
    node.path("app.log"),
    [
      "ModuleNotFoundError: No module named 'not_allowed'",
      `FileNotFoundError: [Errno 2] No such file or directory: '${path}'`,
      "",
    ].join("\n"),
  );
  const started = await untilTold(node, "app", "heal.started");
  expect(started).toMatchObject({ symptom: "log.missing-path", action: "create" });
  await until(() => readFileSync(path, "utf8") === "{}", { what: "the file is made" });
  await until(async () => (await node.status("app")).message.includes("not in allow.install: not_allowed"), {
    within: 10_000,
    what: "it is said what is not allowed",
  });
  await untilTold(node, "app", "incident.resolved");
  expect(told(node, "app", "heal.started").map(({ action }) => action)).toEqual(["create"]);
});
