import { chmodSync, chownSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";

const isRoot = process.geteuid?.() === 0;

function script(folder: string, text: string): string {
  const path = join(folder, "fix.sh");
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

describe.runIf(isRoot)("exec as root", () => {
  it("refuses a program that others can write", async () => {
    const base = scratch();
    chmodSync(script(base, "true"), 0o777);
    const target = targetOf("file", { path: "f" }, { base });
    await expect(remedyRig().apply("exec", target, ["./fix.sh"])).rejects.toThrow("can be written by others");
  });

  it("refuses a program that belongs to somebody else", async () => {
    const base = scratch();
    chownSync(script(base, "true"), 65534, 65534);
    const target = targetOf("file", { path: "f" }, { base });
    await expect(remedyRig().apply("exec", target, ["./fix.sh"])).rejects.toThrow("belongs to uid 65534");
  });

  it("runs as the target's user, whose own program it may then be", async () => {
    const base = scratch();
    chmodSync(base, 0o755);
    mkdirSync(join(base, "out"));
    chownSync(join(base, "out"), 65534, 65534);
    chownSync(script(base, "id -un > out/who"), 65534, 65534);
    const target = targetOf("process", { run: ["sleep", "1"], user: "nobody" }, { id: "worker", base });
    const { said } = await remedyRig().apply("exec", target, ["./fix.sh"]);
    expect(said).toEqual(["run ./fix.sh as nobody, at most 30 s"]);
    expect(readFileSync(join(base, "out", "who"), "utf8")).toBe("nobody\n");
  });
});
