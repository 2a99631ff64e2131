import { expect, it } from "vitest";
import type { HealResult } from "../../src/model/heal.ts";
import { healSentence, healView, healWithoutResult } from "../../src/views/heal.ts";

const result: HealResult = {
  target: "engine",
  outcome: "healed",
  remedy: "restart",
  reason: "dead: killed by SIGKILL",
  applications: 1,
  recoveredMs: 312,
  durationMs: 300,
  incident: "i1",
};

it.each([
  [{}, "engine: healed by restart in 312 ms (dead: killed by SIGKILL)"],
  [
    { applications: 3 },
    "engine: healed by restart in 312 ms, at the 3rd application (dead: killed by SIGKILL)",
  ],
  [
    { applications: 12 },
    "engine: healed by restart in 312 ms, at the 12th application (dead: killed by SIGKILL)",
  ],
  [{ outcome: "already-healthy", reason: "running" }, "engine: already healthy, nothing was done (running)"],
  [{ outcome: "dry-run", reason: "dead" }, "engine: dry run, nothing was done (dead)"],
  [{ outcome: "skipped", reason: "not healed: needs a" }, "engine: not healed: needs a"],
  [{ outcome: "skipped", reason: "paused by ann: upgrade" }, "engine: not healed: paused by ann: upgrade"],
] as const)("says in one sentence how a heal ended: %o", (more, sentence) => {
  expect(healSentence(healView({ ...result, ...more }, "j1"))).toBe(sentence);
});

it("says a failure with its reason, in the same shape", () => {
  const view = healWithoutResult("engine", {
    outcome: "failed",
    reason: "not verified within 30s",
    job: "j1",
    durationMs: 5,
  });
  expect(healSentence(view)).toBe("engine: heal failed: not verified within 30s");
  expect(Object.keys(view).sort()).toEqual(Object.keys(healView(result, "j1")).sort());
});
