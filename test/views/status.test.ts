import { describe, expect, it } from "vitest";
import type { NodeRecord } from "../../src/model/fleet.ts";
import type { StatusParts } from "../../src/views/status.ts";
import { statusView } from "../../src/views/status.ts";
import { statusFileView } from "../../src/views/status-file.ts";
import { configOf, node, now, record, targetOn } from "./fleet.ts";

const parts = (more: Partial<StatusParts>): StatusParts => {
  return { targets: [], nodes: [node("trading-1")], pauses: [], now, source: "redis", ...more };
};

describe("statusView", () => {
  it("has exactly the shape of the contract", () => {
    const config = configOf([targetOn("engine", ["trading-1"])]);
    const targets = [
      record("engine", {
        look: { state: "running", pid: 4242 },
        state: { since: Date.parse("2026-11-22T00:12:03.120Z"), heals: { ok: 1, failed: 0 } },
      }),
    ];
    expect(statusView(config, parts({ targets }))).toEqual({
      node: "trading-1",
      at: "2026-11-22T01:00:00.000Z",
      source: "redis",
      paused: false,
      targets: [
        {
          id: "engine",
          kind: "process",
          node: "trading-1",
          status: "ok",
          phase: "watching",
          state: "running",
          pid: 4242,
          since: "2026-11-22T00:12:03.120Z",
          message: "running, answered in 4 ms",
          lastCheck: "2026-11-22T00:59:58.010Z",
          incident: null,
          heals: { ok: 1, failed: 0 },
          metrics: { rss: 31_457_280, latencyMs: 4 },
        },
      ],
    });
  });

  it("shows a target that was never looked at as unknown", () => {
    const nodes = [node("trading-1", { targets: [{ id: "new", kind: "process", tries: 1 }] })];
    const [target] = statusView(configOf([targetOn("new", ["trading-1"])]), parts({ nodes })).targets;
    expect(target).toMatchObject({
      status: "unknown",
      phase: "watching",
      message: "not looked at yet",
      since: null,
      lastCheck: null,
      pid: null,
    });
  });

  it("does not take an old look of a node that is gone for news", () => {
    const config = configOf([targetOn("engine", ["trading-1"])]);
    const gone = node("trading-1", { alive: false, seenAt: now - 60_000 });
    const [target] = statusView(config, parts({ targets: [record("engine")], nodes: [gone] })).targets;
    expect(target?.status).toBe("unknown");
    expect(target?.message).toBe(
      "healq on trading-1 is gone since 2026-11-22T00:59:00.000Z; last seen: ok, running, answered in 4 ms",
    );
    const [stopped] = statusView(config, parts({ targets: [record("engine")], nodes: [] })).targets;
    expect(stopped?.message).toContain("healq is not running on trading-1");
  });

  it.each([
    ["gave-up", "max_restarts"],
    ["stopped", "stopped"],
    ["healing", "crashed"],
  ] as const)("shows a process in phase %s as %s", (phase, state) => {
    const targets = [record("engine", { look: { state: "crashed", status: "critical" }, state: { phase } })];
    const [target] = statusView(configOf([targetOn("engine", ["trading-1"])]), parts({ targets })).targets;
    expect(target?.state).toBe(state);
  });

  it("shows no state for what is no process", () => {
    const targets = [record("page", { kind: "http", state: { phase: "gave-up" } })];
    const [target] = statusView(
      configOf([targetOn("page", ["trading-1"], "http")]),
      parts({ targets }),
    ).targets;
    expect(target?.state).toBeNull();
  });

  it("says beside what was seen why healq holds back, and says nothing twice", () => {
    const seen = { status: "critical", message: "dead: killed by SIGKILL" } as const;
    const messageWith = (reason: string): string | undefined => {
      const targets = [record("engine", { look: seen, state: { phase: "blocked", reason } })];
      return statusView(configOf([targetOn("engine", ["trading-1"])]), parts({ targets })).targets[0]
        ?.message;
    };
    expect(messageWith("needs db, which is critical")).toBe(
      "dead: killed by SIGKILL; needs db, which is critical",
    );
    expect(messageWith("dead: killed by SIGKILL; budget spent")).toBe(
      "dead: killed by SIGKILL; budget spent",
    );
    expect(messageWith("killed by SIGKILL")).toBe("dead: killed by SIGKILL");
  });

  it("lists own targets first, one of several nodes once for each, and foreign ones that their node announces", () => {
    const config = configOf([
      targetOn("far", ["trading-2"]),
      targetOn("both", ["trading-2", "trading-1"]),
      targetOn("anywhere", "any", "http"),
    ]);
    const announced = [{ id: "theirs", kind: "file", tries: 1 }];
    const targets = [
      record("theirs", { node: "trading-2", kind: "file" }),
      record("removed", { node: "trading-2" }),
      record("removed-here"),
      record("just-removed"),
      record("anywhere", { node: "any", kind: "http" }),
    ];
    const still = [{ id: "just-removed", kind: "process", tries: 1 }];
    const nodes = [node("trading-1", { targets: still }), node("trading-2", { targets: announced })];
    const view = statusView(config, parts({ targets, nodes }));
    expect(view.targets.map((target) => `${target.id}@${target.node}`)).toEqual([
      "both@trading-1",
      "anywhere@any",
      "far@trading-2",
      "both@trading-2",
      "theirs@trading-2",
      "just-removed@trading-1",
    ]);
    expect(view.targets[5]?.message).toMatch(/; no longer in the config; `healq down` and `healq up` read/);
    expect(view.targets[1]?.status).toBe("ok");
  });

  it("tells a target that was just added from one that was not looked at yet", () => {
    const config = configOf([targetOn("engine", ["trading-1"])]);
    const messageWith = (targets: NodeRecord["targets"]) =>
      statusView(config, parts({ nodes: [node("trading-1", { targets })] })).targets[0]?.message;
    expect(messageWith([{ id: "engine", kind: "process", tries: 1 }])).toBe("not looked at yet");
    expect(messageWith([])).toMatch(/^not in the config that healq runs on trading-1; /);
  });

  it("says since when it cannot tell, not since when it was well", () => {
    const targets = [
      record("engine", { look: { status: "unknown" }, state: { status: "ok", unknownSince: now - 9_000 } }),
    ];
    const [target] = statusView(configOf([targetOn("engine", ["trading-1"])]), parts({ targets })).targets;
    expect(target?.since).toBe("2026-11-22T00:59:51.000Z");
  });

  it("is paused by the kill switch, not by a silence, and not by one that is over", () => {
    const pause = { reason: "upgrade", by: "ann", at: now - 1_000 };
    const paused = (more: object): boolean =>
      statusView(configOf([]), parts({ pauses: [{ ...pause, ...more }] })).paused;
    expect(paused({})).toBe(true);
    expect(paused({ until: now + 1 })).toBe(true);
    expect(paused({ until: now })).toBe(false);
    expect(paused({ target: "engine" })).toBe(false);
  });
});

it("builds the status from status.json in the same shape, and names its source", () => {
  const config = configOf([
    targetOn("engine", ["trading-1"]),
    targetOn("new", ["trading-1"]),
    targetOn("far", ["trading-2"]),
  ]);
  const entries = { engine: { pid: 42, status: "critical", phase: "gave-up", state: "crashed" } } as const;
  const view = statusFileView(config, { entries, pauses: [], now, said: "as written 3 s ago" });
  expect(view.source).toBe("status.json");
  expect(view.targets.map((target) => [target.id, target.status, target.state, target.message])).toEqual([
    ["engine", "critical", "max_restarts", "as written 3 s ago"],
    ["new", "unknown", null, "not looked at yet"],
  ]);
  expect(Object.keys(view.targets[0] ?? {})).toEqual(
    Object.keys(statusView(config, parts({})).targets[0] ?? {}),
  );
});
