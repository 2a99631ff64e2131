import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { diagnoseTargets } from "../../src/cli/doctor-targets.ts";
import { loadConfig } from "../../src/config/load.ts";
import { onlyPath } from "../support/path.ts";
import { scratch } from "../support/scratch.ts";

const written = `
targets:
  seen: { kind: process, run: [/bin/sleep, "1"], console: tmux }
  plain: { kind: process, run: [/bin/sleep, "1"] }
`;

test("a process that is to run in tmux wants tmux to be there", async () => {
  const file = join(scratch(), "healq.yaml");
  writeFileSync(file, written);
  const result = await loadConfig(file, {});
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  expect(diagnoseTargets(result.config)).toMatchObject([{ about: "targets", level: "ok" }]);
  onlyPath(scratch());
  expect(diagnoseTargets(result.config)).toMatchObject([
    { about: "seen", level: "problem", message: expect.stringContaining("command not found: tmux") },
  ]);
});
