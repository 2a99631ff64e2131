import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { CommandContext } from "../../src/cli/context.ts";
import { configOf, readConfig } from "../../src/cli/load-config.ts";
import { openTerminal } from "../../src/cli/terminal.ts";
import { messageOf } from "../../src/model/errors.ts";
import { scratch } from "../support/scratch.ts";
import { healq } from "./healq.ts";

/** One for all: each listens to stdout for as long as it is there. */
const terminal = openTerminal({});

function contextOf(configFile: string): CommandContext {
  const dependencies = { up: () => Promise.reject(new Error("nothing is run here")) };
  return { configFile, configFlag: "", json: false, debug: false, terminal, dependencies };
}

/** What every command says that reads this config: they all read it by this function. */
async function saidOf(configFile: string): Promise<string[]> {
  const context = contextOf(configFile);
  const said = await configOf(context).then(() => "it is fine", messageOf);
  return said.split("\n").map((line) => line.replace(configFile, "FILE"));
}

function write(content: string | Uint8Array): string {
  const file = join(scratch(), "healq.yaml");
  writeFileSync(file, content);
  return file;
}

it.each([
  [
    "ids twice",
    "targets:\n  a: { kind: file, path: x }\n  a: { kind: file, path: y }\n",
    "FILE:3:3: targets.a: is given twice: first in line 2",
  ],
  [
    "a cycle",
    "targets:\n  a: { kind: file, path: x, needs: [b] }\n  b: { kind: file, path: y, needs: [a] }\n",
    "FILE:2:37: targets.a.needs[0]: these need each other: a → b → a",
  ],
  [
    "a need on nothing",
    "targets:\n  a: { kind: file, path: x, needs: [nope] }\n",
    'FILE:2:37: targets.a.needs[0]: there is no target "nope"',
  ],
  [
    "a merge conflict",
    "<<<<<<< HEAD\nnode: a\n=======\nnode: b\n>>>>>>> other\n",
    "FILE:1:1: a merge conflict was left here: keep one of its two sides",
  ],
  ["an empty file", "", "FILE: is empty; `healq init` writes one to start from"],
  [
    "bytes that are no text",
    Uint8Array.from([0x61, 0xff, 0xfe]),
    "FILE:1:2: is not valid UTF-8 from here on",
  ],
  ["five megabytes of NUL", new Uint8Array(5_000_000), "FILE:1:1: must be a map: targets: …"],
  ["five megabytes of one word", "x".repeat(5_000_000), "FILE:1:1: must be a map: targets: …"],
  ["more than five megabytes", "#".repeat(5_000_001), "FILE: is larger than 5 MB"],
])("%s is one line that says where", async (_, content, said) => {
  expect(await saidOf(write(content))).toEqual([said]);
});

it("what is no file, or a link to none, is said to be so", async () => {
  const folder = scratch();
  const at = (name: string) => join(folder, name);
  mkdirSync(at("folder"));
  execFileSync("mkfifo", [at("pipe")]);
  symlinkSync("loop", at("loop"));
  symlinkSync("nowhere.yaml", at("dangling"));
  writeFileSync(at("plain"), "");
  const cases = [
    ["folder", "is a folder, not a config file"],
    ["pipe", "is not a regular file"],
    ["/dev/zero", "is not a regular file"],
    ["loop", "is a link that leads back to itself"],
    ["dangling", "is a link to nowhere.yaml, which is not there"],
    ["plain/healq.yaml", "there is no such file: a part of its path is no folder"],
  ] as const;
  for (const [name, why] of cases)
    expect(await saidOf(name.startsWith("/") ? name : at(name))).toEqual([`FILE: ${why}`]);
  expect(await saidOf(at("none"))).toEqual([
    "there is no config FILE; write one with `healq init`, or name yours with -c FILE or $HEALQ_CONFIG",
  ]);
});

it.runIf(process.geteuid?.() !== 0)("a file that may not be read is said to be so", async () => {
  const file = write("{}\n");
  execFileSync("chmod", ["000", file]);
  expect(await saidOf(file)).toEqual(["FILE: may not be read by this user"]);
});

it("of a file with thousands of faults the first hundred are shown, and all are to be had", async () => {
  const file = write(
    `targets:\n${Array.from({ length: 1_000 }, (_, n) => `  t${n}: { kind: fil }\n`).join("")}`,
  );
  const said = await saidOf(file);
  expect(said).toHaveLength(101);
  expect(said[0]).toBe('FILE:2:15: targets.t0.kind: unknown kind "fil"; did you mean "file"?');
  const all = await readConfig(contextOf(file));
  const count = all.ok ? 0 : all.problems.length;
  expect(count).toBeGreaterThanOrEqual(1_000);
  expect(said.at(-1)).toBe(`… and ${count - 100} more; \`healq validate --json\` lists them all`);
});

it("`healq up` exits with 2, and says nothing but that", async () => {
  const folder = scratch();
  mkdirSync(join(folder, "healq.yaml"));
  expect(await healq(["up"], { cwd: folder })).toEqual({
    code: 2,
    out: "",
    err: "healq.yaml: is a folder, not a config file\n",
  });
});
