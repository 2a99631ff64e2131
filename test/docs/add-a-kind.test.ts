import { cpSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { execa } from "execa";
import { expect, test } from "vitest";
import { scratch } from "../support/scratch.ts";
import { blocksOf, commandsOf, follow } from "./page.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const blocks = blocksOf(readFileSync(join(root, "docs/add-a-kind.md"), "utf8"));
const copied = [
  "bin",
  "src",
  "scripts",
  "docs",
  "examples/kinds",
  "test/support",
  "test/checks",
  "test/docs",
  "package.json",
  "biome.json",
  ".gitignore",
];

/**
 * A copy of the sources. What the page does not touch is left out of the types, and the tests of the copy build nothing: that
 * is done once for all tests.
 */
function cloneOfSources(): string {
  const folder = scratch();
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  const base = {
    extends: join(root, "tsconfig.json"),
    include: ["src/checks/registry.ts", "test/checks/socket.test.ts"],
  };
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(base));
  writeFileSync(join(folder, "vitest.config.ts"), "export default {};\n");
  return folder;
}

/** Runs a command there. What it leaves in the folder for passing files goes with the copy. */
function inFolder(command: string, cwd: string) {
  const { VITEST: _, ...inherited } = process.env;
  const env = { ...inherited, TMPDIR: join(cwd, "tmp") };
  mkdirSync(env.TMPDIR, { recursive: true });
  return execa("bash", ["-c", command], { cwd, env, extendEnv: false, all: true, reject: false });
}

test("a kind without an example and notes is told where they belong, and nothing is written", async () => {
  const folder = cloneOfSources();
  rmSync(join(folder, "examples/kinds/tcp.yaml"));
  rmSync(join(folder, "docs/kinds/notes/tcp.md"));
  writeFileSync(join(folder, "docs/reference.md"), "");
  const { all, exitCode } = await inFolder("npm run --silent docs", folder);
  expect(exitCode).toBe(1);
  expect(all).toMatch(
    /^no page was written; .*\n {2}examples\/kinds\/tcp.yaml, .*\n {2}docs\/kinds\/notes\/tcp.md, .*$/,
  );
  expect(readFileSync(join(folder, "docs/reference.md"), "utf8")).toBe("");
});

test("who follows docs/add-a-kind.md to the letter has a kind that finds its fault, is tested and documented", async () => {
  const folder = cloneOfSources();
  const ran: string[] = [];
  for (const block of blocks) {
    if (block.file !== "") follow(block, folder);
    if (block.language !== "console") continue;
    for (const { command, shown } of commandsOf(block)) {
      const { all, exitCode } = await inFolder(command, folder);
      // `check` says 1: it found what it was to find.
      expect(exitCode, `${command}\n${all}`).toBe(command.includes(" check -c") ? 1 : 0);
      expect(all).toContain(shown.trim());
      ran.push(command);
    }
  }
  expect(ran.join("\n")).toMatch(/check -c .*vitest run .*npm run types.*npm run docs/s);
  const page = readFileSync(join(folder, "docs/kinds/socket.md"), "utf8");
  expect(page).toMatch(/^# `socket`: .*`greeting` \|.*`socket\.silent` \|.* \| `target` \|.*failAfter: 2/s);
  expect(page).toContain("\n\nA Unix socket that must take connections, and greet.\n\n");
  expect(page).toContain('    greeting: "220"\n    target: postfix\n');
  expect(readFileSync(join(folder, "docs/kinds/README.md"), "utf8")).toContain("](socket.md)");
}, 180_000);
