import { spawn } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { identityOf, isAlive } from "../../src/system/procfs.ts";
import { bench, makeSpec } from "./bench.ts";

it("a process that was written into the record by somebody else is not adopted, nor signalled; the real one is", async () => {
  const b = bench();
  const spec = makeSpec(b.stateDir, "w", { run: ["sleep", "1000"] });
  const target = b.target("w", spec);
  const first = b.open();
  const { pid: real } = await first.processes.start(target);
  first.processes.close();

  const stranger = spawn("sleep", ["1000"], { detached: true, stdio: "ignore" });
  onTestFinished(() => void stranger.kill("SIGKILL"));
  const foreign = identityOf(stranger.pid ?? 0);
  const file = join(b.stateDir, "pids", "w.json");
  const record = JSON.parse(readFileSync(file, "utf8"));
  writeFileSync(file, JSON.stringify({ ...record, identity: foreign, group: foreign?.pid }));

  const { processes } = b.open();
  expect(processes.adoptAll([target])).toEqual([{ id: "w", pid: real }]);
  writeFileSync(file, JSON.stringify({ ...record, identity: foreign, group: foreign?.pid }));
  await processes.stop(target, "person");
  expect(foreign && isAlive(foreign)).toBe("alive");
  expect(isAlive(record.identity)).not.toBe("alive");
});
