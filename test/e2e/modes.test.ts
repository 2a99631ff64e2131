import type { ServerResponse } from "node:http";
import { expect, test } from "vitest";
import { startNode } from "../support/node.ts";
import { record, told, untilShown, untilTold } from "../support/story.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

/** A server each of whose paths answers as its list says, one status a question, the last one for ever. */
async function scripted(scripts: Record<string, number[]>) {
  const asked: Record<string, number[]> = {};
  const { url } = await serve((request, response: ServerResponse) => {
    const name = request.url?.slice(1) ?? "";
    const script = scripts[name] ?? [];
    const times = asked[name] ?? [];
    asked[name] = times;
    const nth = times.push(Date.now()) - 1;
    response.writeHead(script[Math.min(nth, script.length - 1)] ?? 404).end();
  });
  return {
    asked,
    site: (name: string, more: object = {}) => ({ kind: "http", url: `${url}/${name}`, ...more }),
  };
}

test("the modes observe and dry-run tell and plan, and touch nothing; a person's dry run neither", async () => {
  const { asked, site } = await scripted({ watched: [500], tried: [500] });
  const node = await startNode({
    defaults: { every: "1s" },
    limits: { maxUnhealthy: "100%" },
    targets: {
      watched: site("watched", { mode: "observe" }),
      tried: site("tried", { mode: "dry-run" }),
      gone: { kind: "file", path: "gone", create: { content: "" }, mode: "dry-run" },
    },
  });
  await untilShown(node, ["watched", "tried", "gone"], { status: "critical", phase: "suspect" });
  await until(() => (asked.tried?.length ?? 0) >= 4, { within: 15_000, what: "four more looks" });
  for (const target of ["watched", "tried", "gone"]) {
    expect(told(node, target, "incident.opened")).toHaveLength(1);
    expect(told(node, target, "heal.started")).toEqual([]);
  }
  expect(await node.status("watched")).toMatchObject({ message: expect.stringContaining("mode is observe") });
  const planned = await untilTold(node, "gone", "heal.skipped");
  expect(planned).toMatchObject({
    reason: `dry run, would: create ${node.path("gone")} with 0 bytes`,
    details: { plan: [`create ${node.path("gone")} with 0 bytes`] },
    incident: expect.any(String),
  });
  expect(await node.status("gone")).toMatchObject({ message: expect.stringContaining("mode is dry-run") });

  const heal = async (...flags: string[]) => {
    const { code, stdout } = await node.healq("heal", ...flags, "--json");
    return { code, ...JSON.parse(stdout) };
  };
  expect(await heal("watched")).toMatchObject({ code: 1, outcome: "skipped" });
  expect(await heal("watched", "--force")).toMatchObject({ code: 1, outcome: "skipped" });
  const plan = { code: 0, outcome: "dry-run", plan: [`create ${node.path("gone")} with 0 bytes`] };
  expect(await heal("gone", "--dry-run")).toMatchObject(plan);
  expect(await heal("gone", "--force")).toMatchObject(plan);
});

test("an inferred fault is believed after `count` bad looks of `of`, and is over after recoverAfter ok ones", async () => {
  const { asked, site } = await scripted({
    doubted: [200, 500, 200, 200, 500, 200],
    believed: [200, 500, 200, 500, 200],
  });
  const slow = { failAfter: { count: 2, of: 3 }, recoverAfter: 4, probation: "1s", heal: [] };
  const node = await startNode({
    defaults: { every: "1s" },
    targets: { doubted: site("doubted", slow), believed: site("believed", slow) },
  });
  const opened = await untilTold(node, "believed", "incident.opened");
  const resolved = await untilTold(node, "believed", "incident.resolved");
  const changes = record(node, "believed").filter(({ event }) => event === "check.changed");
  expect(changes.map(({ details }) => details.to)).toEqual(["critical", "ok", "critical", "ok"]);
  expect(opened.at >= (changes[2]?.at ?? "")).toBe(true);
  const okLooks = asked.believed?.slice(4).filter((at) => at <= Date.parse(resolved.at)) ?? [];
  expect(okLooks).toHaveLength(4);

  await until(() => (asked.doubted?.length ?? 0) >= 8, {
    within: 15_000,
    what: "the doubted one is well again",
  });
  expect(told(node, "doubted", "incident.opened")).toEqual([]);
  expect(told(node, "doubted", "check.changed")).toHaveLength(4);
});

test("an address that flaps is one incident, which is resolved once, after a whole probation", async () => {
  const { site } = await scripted({ flaps: [200, 500, 500, 200, 500, 200, 500, 200] });
  const node = await startNode({
    defaults: { every: "1s", probation: "3s" },
    targets: { flaps: site("flaps", { heal: [] }) },
  });
  const resolved = await untilTold(node, "flaps", "incident.resolved", { within: 30_000 });
  expect(told(node, "flaps", "incident.opened")).toHaveLength(1);
  expect(told(node, "flaps", "incident.resolved")).toHaveLength(1);
  const changes = told(node, "flaps", "check.changed");
  expect(changes).toHaveLength(6);
  expect(Date.parse(resolved.at) - Date.parse(changes.at(-1)?.at ?? "")).toBeGreaterThanOrEqual(3_000);
  expect(new Set(changes.map(({ incident }) => incident))).toEqual(new Set([resolved.incident]));
});
