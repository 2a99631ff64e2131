import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { identityOf } from "../../src/system/procfs.ts";
import { run } from "../support/child.ts";
import { loadCopiedExample } from "../support/copied-example.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

/** `symptom: message` of what a look finds. */
async function found(written: object, base = scratch(), eye = makeEye()): Promise<string[]> {
  const seen = await eye(targetOf("requires", written, { base }));
  return seen.findings.map(({ symptom, message }) => `${symptom}: ${message}`);
}

test("the example: all that is missing is named at once, mkdir makes the folders, and then all is there", async () => {
  const base = scratch();
  const target = (await loadCopiedExample("requires", base)).targets.get("trader_needs");
  if (target === undefined) throw new Error("the example has no target trader_needs");
  writeFileSync(join(base, "trader.env"), "EXCHANGE_KEY=\n");
  const eye = makeEye();
  const seen = await eye(target);
  expect(seen.findings.map(({ symptom, message, fact }) => [symptom, message, fact])).toEqual([
    ["requires.env", "not set: EXCHANGE_KEY", true],
    ["requires.path", "data is missing, logs/trades is missing", true],
    ["requires.executable", expect.stringContaining("command not found: ./tools/convert"), true],
    ["requires.module", "not installed: npm's left-pad", false],
  ]);
  expect(target.ladders.bySymptom).toMatchObject({
    "requires.path": [{ remedy: "mkdir" }],
    "requires.env": [],
  });
  await remedyRig().apply("mkdir", target);
  writeFileSync(join(base, "trader.env"), "EXCHANGE_KEY=abc\n");
  mkdirSync(join(base, "tools"));
  writeFileSync(join(base, "tools/convert"), "#!/bin/sh\n", { mode: 0o755 });
  mkdirSync(join(base, "node_modules/left-pad"), { recursive: true });
  expect(await eye(target)).toMatchObject({ status: "ok", message: "all there", metrics: { missing: 0 } });
});

test("folders that are none or cannot be written, and programs that cannot be run, are told apart from missing ones", async () => {
  const base = scratch();
  writeFileSync(join(base, "plain"), "");
  expect(
    await found({ directories: ["plain", "plain/in"], executables: ["./plain", "no-such-program"] }, base),
  ).toEqual([
    "requires.path: plain is not a folder, plain/in is missing",
    `requires.executable: ${[`not executable: ${join(base, "plain")} (chmod +x it, or put its interpreter first in \`run\`)`, "command not found: no-such-program"].join(", ")}`,
  ]);
  // /proc takes no files, also from root's hands: access(2) says so for nobody but root, so only others are asked.
  if (process.geteuid?.() !== 0)
    expect(await found({ directories: [{ path: "/proc", writable: true }] })).toEqual([
      "requires.path: /proc is not writable",
    ]);
});

test("variables of a running process are its own, and are not looked at while it does not run", async () => {
  const identity = identityOf(run(["env", "NEEDED_IT=1", "sleep", "300"]).pid);
  if (identity === undefined) throw new Error("it did not start");
  const running = makeEye({ copies: () => new Map(), read: (id) => (id === "worker" ? { identity } : {}) });
  const wanted = { env: ["NEEDED_IT", "NEEDED_OTHER"], of: "worker" };
  await until(
    async () => (await found(wanted, scratch(), running))[0] === "requires.env: not set: NEEDED_OTHER",
    {
      within: 5_000,
    },
  );
  expect(await found(wanted)).toEqual([]);
  expect(await found({ env: ["NEEDED_IT", "PATH"] })).toEqual(["requires.env: not set: NEEDED_IT"]);
});

test("Python says which modules it does not find, without importing them; npm's are found upwards", async () => {
  const base = scratch();
  writeFileSync(join(base, "harmful.py"), "open('imported', 'w')\n");
  mkdirSync(join(base, "node_modules/@a/b"), { recursive: true });
  expect(
    await found(
      {
        python: { modules: ["json", "harmful", "no_such_module"] },
        node: { modules: ["@a/b", "c"], from: "deep/er" },
      },
      base,
    ),
  ).toEqual(["requires.module: not installed: Python's no_such_module, npm's c"]);
  const eye = makeEye();
  const look = (interpreter: string) =>
    eye(targetOf("requires", { python: { modules: ["json"], interpreter } }, { base, timeout: 2_000 }));
  expect(await look("no-such-python")).toMatchObject({
    status: "unknown",
    message: "command not found: no-such-python",
  });
  expect(await look("false")).toMatchObject({
    status: "unknown",
    message: expect.stringContaining("false exited with code 1"),
  });
});

test("what cannot be meant is refused", () => {
  const kind = kindOf("requires");
  const problems = (written: object) =>
    kind?.problems?.(kind.schema.parse(written)).map(({ message }) => message);
  expect(problems({})).toEqual([expect.stringContaining("requires nothing")]);
  expect(problems({ directories: ["a"], allow: { mkdir: ["/"] } })).toEqual([
    "is the whole machine; name the folder",
  ]);
  for (const wrong of [
    { python: { modules: ["a;b"] } },
    { node: { modules: ["../x"] } },
    { env: ["A-B"] },
    { directories: [{ path: "a", mode: "999" }] },
  ])
    expect(kind?.schema.safeParse(wrong).success).toBe(false);
});
