import { execFileSync } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { scratch } from "../support/scratch.ts";
import { problemsOf, problemsOfFile } from "./load.ts";

it("says that a file is missing and how to get one", async () => {
  expect(await problemsOfFile(join(scratch(), "none.yaml"))).toEqual([
    "there is no such file; `healq init` writes one to start from",
  ]);
});

it("refuses a folder", async () => {
  const folder = join(scratch(), "healq.yaml");
  mkdirSync(folder);
  expect(await problemsOfFile(folder)).toEqual(["is a folder, not a config file"]);
});

it("refuses a path through a file", async () => {
  const file = join(scratch(), "plain");
  writeFileSync(file, "");
  expect(await problemsOfFile(join(file, "healq.yaml"))).toEqual([
    "there is no such file: a part of its path is no folder",
  ]);
});

it("does not wait for a pipe", async () => {
  const pipe = join(scratch(), "pipe");
  execFileSync("mkfifo", [pipe]);
  expect(await problemsOfFile(pipe)).toEqual(["is not a regular file"]);
});

it("refuses an empty file", async () => {
  expect(await problemsOf("")).toEqual(["is empty; `healq init` writes one to start from"]);
});

it("says where a file stops being UTF-8", async () => {
  const text = Buffer.concat([Buffer.from("node: a\n# ä "), Buffer.from([0xff, 0x41])]);
  expect(await problemsOf(text)).toEqual(["2:5: is not valid UTF-8 from here on"]);
});

it("refuses a file that ends inside a character", async () => {
  expect(await problemsOf(Buffer.from("# ä").subarray(0, 3))).toEqual([
    "1:3: is not valid UTF-8 from here on",
  ]);
});

it("refuses UTF-16 by name", async () => {
  expect(await problemsOf(Buffer.from("\ufeffnode: a\n", "utf16le"))).toEqual([
    "is UTF-16 text; save it as UTF-8",
  ]);
});

it("takes a byte order mark and Windows line ends", async () => {
  expect(await problemsOf("\ufeffstateDir: a\r\nweb: { port: x }\r\n")).toEqual([
    "2:14: web.port: must be a number, not text",
  ]);
});

it("refuses more than 5 MB", async () => {
  expect(await problemsOf("#".repeat(5_000_001))).toEqual(["is larger than 5 MB"]);
});

it("survives nesting that exhausts the stack", async () => {
  const [problem = ""] = await problemsOf(`targets: ${"[".repeat(100_000)}`);
  expect(problem).toContain("nested too deeply");
});

it("refuses nesting that no config needs", async () => {
  const found = await problemsOf(
    `targets: { a: { kind: process, run: ${"[".repeat(150)}${"]".repeat(150)} } }`,
  );
  expect(found[0]).toContain("is nested more than 100 deep");
});

it("survives bytes of any kind", async () => {
  const bytes = Uint8Array.from({ length: 2_000 }, (_, index) => (index * 7_919) % 128);
  expect((await problemsOf(bytes)).length).toBeGreaterThan(0);
});
