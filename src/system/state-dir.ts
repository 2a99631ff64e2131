import { chmodSync, statSync } from "node:fs";
import { join } from "node:path";
import { HealqError, messageOf } from "../model/errors.ts";
import { folders } from "./layout.ts";
import { makeFolder } from "./make-folder.ts";
import { distrusted } from "./trust.ts";

/**
 * Creates `stateDir` (mode 0700) with its subfolders, and narrows an existing one to 0700. Run as root it refuses one
 * that somebody else owns or can write: pids to signal are read from it. Throws a `HealqError` that says what to do.
 */
export function prepareStateDir(stateDir: string): void {
  try {
    makeFolder(stateDir, 0o700);
    const stats = statSync(stateDir);
    refuseForeign(stateDir);
    if ((stats.mode & 0o777) !== 0o700) chmodSync(stateDir, 0o700);
    for (const folder of folders) makeFolder(join(stateDir, folder), 0o700);
  } catch (error) {
    if (error instanceof HealqError) throw error;
    throw new HealqError("state-dir", `stateDir ${stateDir} cannot be used: ${messageOf(error)}`, {
      cause: error,
    });
  }
}

function refuseForeign(stateDir: string): void {
  const fault = distrusted(stateDir);
  if (fault === undefined) return;
  throw new HealqError(
    "state-dir",
    `stateDir ${stateDir} ${fault}, and healq runs as root: check what is in it, then chown root and chmod 700 it, or name another stateDir`,
  );
}
