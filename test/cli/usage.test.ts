import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { reportError } from "../../src/cli/errors.ts";
import { buildProgram } from "../../src/cli/program.ts";
import { openTerminal } from "../../src/cli/terminal.ts";
import { scratch } from "../support/scratch.ts";
import { folderWith, healq } from "./healq.ts";

const standard = openTerminal({});
const dependencies = { up: () => Promise.reject(new Error("nothing is run here")) };

/** The help of every command, as commander writes it, without a process for each. */
function helps(): Map<string, string> {
  const written: string[] = [];
  const terminal = { ...standard, out: (text: string) => void written.push(text) };
  const names = buildProgram({ terminal, dependencies, done: () => undefined }).commands.map((command) =>
    command.name(),
  );
  return new Map(
    names.map((name) => {
      written.length = 0;
      const program = buildProgram({ terminal, dependencies, done: () => undefined });
      expect(() => program.parse(["node", "healq", name, "--help"])).toThrow();
      return [name, written.join("")];
    }),
  );
}

describe("help", () => {
  it("of every command has an example, and fits 80 columns", () => {
    const all = helps();
    const wanted =
      "up down check heal status audit incidents incident start stop restart pause resume logs attach nodes map validate schema doctor init completion";
    expect([...all.keys()]).toEqual(expect.arrayContaining(wanted.split(" ")));
    for (const name of all.keys()) {
      expect(all.get(name), name).toContain(`Example:\n  healq ${name}`);
      for (const option of ["--config <FILE>", "--json", "--debug"]) expect(all.get(name)).toContain(option);
    }
    for (const text of all.values())
      for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  it("names every command, and comes on stdout with 0", async () => {
    const { code, out, err } = await healq(["--help"], { cwd: scratch() });
    expect([code, err]).toEqual([0, ""]);
    expect(out).toContain("status [options] [target...]");
    expect(out).toContain("Exit codes:");
  });
});

describe("wrong usage", () => {
  it.each([
    [["stauts"], "unknown command 'stauts'\n(Did you mean status?)"],
    [["status", "--wach"], "(Did you mean --watch?)"],
    [["logs"], "missing required argument 'target'"],
    [["sleep"], "unknown command 'sleep'"],
    [["completion", "tcsh"], 'bash, zsh, fish, not in "tcsh"'],
    [["start", "a", "b"], "too many arguments"],
    [["audit", "--limit", "0"], "whole number from 1"],
    [["audit", "--since", "yesterday"], "2026-11-22"],
    [["pause", "--for", "5"], "A duration looks like 30s"],
    [["up", "--only", "check,dance"], '"dance" is none of scheduler, check, heal, alert, web'],
    [["map", "--mermaid", "--json"], "--json or --mermaid, not both"],
    [["heal"], "which target?"],
    [["heal", "a", "--all"], "not both"],
    [["status", "\u001b]0;x\u0007"], "there is no config /there-is-none.yaml"],
    [["--config"], "argument missing"],
    [["--json=1", "status"], "Did you mean --json?"],
  ] as const)("%j is said in a line or two and exits with 2", async (args, said) => {
    const written: string[] = [];
    const documents: unknown[] = [];
    const terminal = {
      ...standard,
      json: (document: unknown) => void documents.push(document),
      progress: (text: string) => void written.push(text),
      note: (line: string) => void written.push(`${line}\n`),
    };
    const program = buildProgram({ terminal, dependencies, done: () => undefined });
    const parsed = program.parseAsync(["node", "healq", "--config", "/there-is-none.yaml", ...args]);
    const code = await parsed.then(
      () => 0,
      (error: unknown) => reportError(error, { terminal, debug: false, json: true }),
    );
    const err = written.join("");
    expect(err).toContain(said);
    expect(code).toBe(2);
    expect(err.trimEnd().split("\n").length).toBeLessThanOrEqual(2);
    const message = expect.stringContaining(said);
    expect(documents).toEqual([{ error: { code: "usage", message, exitCode: 2 } }]);
  });

  it("writes nothing to stdout and shows no stack", async () => {
    const { code, out, err } = await healq(["stauts"], { cwd: scratch() });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toBe("healq: unknown command 'stauts'\n(Did you mean status?)\n");
    const wrong = await healq(["logs", "--json"], { cwd: scratch() });
    expect(wrong.err).toBe(
      "healq: missing required argument 'target'\nhealq logs --help shows how it is used\n",
    );
    expect(JSON.parse(wrong.out).error).toMatchObject({ code: "usage", exitCode: 2 });
  });

  it("without a command shows the help on stderr and exits with 2", async () => {
    const { code, out, err } = await healq([], { cwd: scratch() });
    expect([code, out]).toEqual([2, ""]);
    expect(err).toContain("Usage: healq");
  });
});

it("prints its version", async () => {
  expect(await healq(["-V"], { cwd: scratch() })).toEqual({ code: 0, out: "0.1.0\n", err: "" });
});

describe("the config", () => {
  const broken =
    "node: n1\nstateDirr: x\ntargets:\n  a: { kind: fil, path: x }\n  b: { kind: file, path: x, maxAge: 5, needs: [c] }\n";

  it("is refused with every problem and its place, by every command that reads it", async () => {
    const cwd = folderWith(broken);
    for (const args of [["validate"], ["status"], ["check"]]) {
      const { code, out, err } = await healq(args, { cwd });
      expect([code, out]).toEqual([2, ""]);
      const lines = err.trimEnd().split("\n");
      expect(lines).toHaveLength(4);
      for (const line of lines) expect(line).toMatch(/^healq\.yaml:\d+:\d+: /);
    }
  });

  it("is one JSON document of problems with `validate --json`", async () => {
    const { code, out, err } = await healq(["validate", "--json"], { cwd: folderWith(broken) });
    expect([code, err]).toEqual([2, ""]);
    expect(JSON.parse(out)).toMatchObject({ ok: false, problems: [{ line: 2 }, {}, {}, {}] });
    const other = await healq(["check", "--json"], { cwd: folderWith(broken) });
    expect([other.code, other.err.split("\n").length]).toEqual([2, 5]);
    expect(JSON.parse(other.out)).toMatchObject({
      error: { code: "config", exitCode: 2, problems: [{ line: 2 }, {}, {}, {}] },
    });
  });

  it("is taken from -c, else from $HEALQ_CONFIG, else from here", async () => {
    const cwd = folderWith("node: here\n");
    writeFileSync(join(cwd, "flag.yaml"), "node: flag\n");
    writeFileSync(join(cwd, "env.yaml"), "node: env\n");
    const nodeOf = async (args: string[], env: Record<string, string>): Promise<string> => {
      return JSON.parse((await healq(["validate", "--json", ...args], { cwd, env })).out).node;
    };
    expect(await nodeOf([], {})).toBe("here");
    expect(await nodeOf([], { HEALQ_CONFIG: "env.yaml" })).toBe("env");
    expect(await nodeOf(["-c", "flag.yaml"], { HEALQ_CONFIG: "env.yaml" })).toBe("flag");
    expect(await nodeOf([], { HEALQ_CONFIG: "" })).toBe("here");
  });

  it("of `healq init` is valid and is never overwritten", async () => {
    const cwd = scratch();
    expect((await healq(["init"], { cwd })).code).toBe(0);
    expect(await healq(["validate"], { cwd })).toMatchObject({ code: 0, err: "" });
    const again = await healq(["init"], { cwd });
    expect(again.code).toBe(2);
    expect(again.err).toContain("is left as it is");
  });

  it("without targets, or with none for this node, is valid with a warning", async () => {
    const empty = await healq(["validate"], { cwd: folderWith("node: n1\n") });
    expect([empty.code, empty.err]).toEqual([0, expect.stringContaining("warning: there are no targets")]);
    const cwd = folderWith('node: n1\ntargets:\n  a: { kind: file, path: x, "on": [n2] }\n');
    const elsewhere = JSON.parse((await healq(["validate", "--json"], { cwd })).out);
    expect(elsewhere).toMatchObject({
      ok: true,
      targetsHere: 0,
      warnings: [expect.stringContaining("this node, n1")],
    });
  });

  it("warns of a target that cures only faults of its own though others are cured through it", async () => {
    const warningsOf = async (heal: string) => {
      const targets = `a: { kind: process, run: [sleep, "9"], heal: ${heal} }, b: { kind: file, path: x, maxAge: 1m, producer: a }`;
      const cwd = folderWith(`targets: { ${targets} }\n`);
      const { code, out } = await healq(["validate", "--json"], { cwd });
      expect(code).toBe(0);
      return JSON.parse(out).warnings;
    };
    expect(await warningsOf("{ process.dead: [restart] }")).toEqual([
      "targets.a.heal: b is to be cured by a heal of a, which has no ladder for that; add `any:` to the map",
    ]);
    for (const heal of ["[restart]", "[]", "{ any: [restart], process.dead: [] }"])
      expect(await warningsOf(heal)).toEqual([]);
  });

  it("has a JSON Schema", async () => {
    const { code, out } = await healq(["schema"], { cwd: scratch() });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toHaveProperty("properties.targets");
  });
});
