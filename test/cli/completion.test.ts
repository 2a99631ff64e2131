import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { completion } from "../../src/cli/candidates.ts";
import { completionScript, shells } from "../../src/cli/completion-scripts.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { openTerminal } from "../../src/cli/terminal.ts";
import { healqProgram } from "../support/node.ts";
import { scratch } from "../support/scratch.ts";
import { folderWith } from "./healq.ts";

const targets = 'targets:\n  weights: { kind: file }\n  worker: { kind: wrong\n  "od $(d)": {}\n  page: {}\n';

const terminal = openTerminal({});

/** What is offered after these words; the last one is being written. */
function offered(words: readonly string[], env: NodeJS.ProcessEnv = {}): readonly string[] | "files" {
  const dependencies = { up: () => Promise.reject(new Error("nothing is run here")) };
  const program = buildProgram({ terminal, dependencies, done: () => undefined });
  const found = completion(program, words, env);
  return found.type === "files" ? "files" : found.candidates.map(({ word }) => word);
}

describe("completion", () => {
  it("offers the commands, and of a command its flags and those that all have", () => {
    expect(offered([""])).toEqual(expect.arrayContaining(["up", "map", "completion", "incidents"]));
    expect(offered([""])).not.toContain("__complete");
    expect(offered(["sta"])).toEqual(["start", "status"]);
    expect(offered(["status", "--"])).toEqual(expect.arrayContaining(["--watch", "--config", "--help"]));
    expect(offered(["up", "--w"])).toEqual([]);
  });

  it("offers the targets of the config that is meant, also of one with errors, and no name that is none", () => {
    const file = join(folderWith(targets), "healq.yaml");
    expect(offered(["status", "w"], { HEALQ_CONFIG: file })).toEqual(["weights", "worker"]);
    expect(offered(["heal", "-c", file, "--force", "worker", ""])).toEqual(["weights", "page"]);
    expect(offered([`--config=${file}`, "logs", ""])).toEqual(["weights", "worker", "page"]);
    expect(offered(["logs", "-c", file, "worker", ""])).toEqual([]);
    expect(offered(["heal", "-c", file, "--", "--"])).toEqual([]);
    expect(offered(["heal", "-c", "/there-is-none", ""])).toEqual([]);
  });

  it("offers what an option or argument may be", () => {
    expect(offered(["-c", "h"])).toBe("files");
    expect(offered(["status", "--config="])).toBe("files");
    expect(offered(["status", "--config", "=", "h"])).toBe("files");
    expect(offered(["up", "--only", "check,"])).toContain("check,web");
    expect(offered(["up", "--only=s"])).toEqual(["--only=scheduler"]);
    expect(offered(["audit", "--limit", ""])).toEqual([]);
    expect(offered(["completion", ""])).toEqual([...shells]);
  });
});

it("completes in bash: commands, flags, targets and files, by the command that was typed", () => {
  const cwd = folderWith(targets);
  const typed = join(scratch(), "healq");
  writeFileSync(typed, `#!/bin/sh\nexec "${process.execPath}" "${healqProgram}" "$@"\n`);
  chmodSync(typed, 0o755);
  const asked = [["status", "w"], ["logs", "-c", "hea"], ["map", "--mer"], ["inc"]];
  const file = join(scratch(), "completion.bash");
  writeFileSync(file, completionScript("bash"));
  const script = `source ${file}
    complete -p healq
    ask() { COMP_WORDS=(${typed} "$@"); COMP_CWORD=$#; COMPREPLY=(); _healq; echo "\${COMPREPLY[*]}"; }
    ${asked.map((words) => `ask ${words.join(" ")}`).join("\n")}`;
  const { HEALQ_CONFIG: _, ...env } = process.env;
  const out = execFileSync("bash", ["--norc", "-c", script], {
    cwd,
    env,
    encoding: "utf8",
  });
  expect(out).toBe("complete -F _healq healq\nweights worker\nhealq.yaml\n--mermaid\nincidents incident\n");
});

for (const shell of ["zsh", "fish"] as const) {
  const isHere = spawnSync(shell, ["--version"]).error === undefined;
  it.skipIf(!isHere && process.env.CI === undefined)(`is a script that ${shell} understands`, () => {
    const file = join(scratch(), "script");
    writeFileSync(file, completionScript(shell));
    execFileSync(shell, ["-n", file], { stdio: "pipe" });
  });
}
