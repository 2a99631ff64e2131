import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

/** A new empty folder; the caller removes it. The name is short: Unix socket paths may have 107 bytes. */
export function makeScratch(): string {
  return mkdtempSync(join(tmpdir(), "hq-"));
}

/** A new empty folder that is removed when the current test ends. */
export function scratch(): string {
  const folder = makeScratch();
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
