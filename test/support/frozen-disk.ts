import { execFileSync } from "node:child_process";
import { closeSync, ftruncateSync, mkdirSync, openSync } from "node:fs";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { scratch } from "./scratch.ts";

/** A file system of its own whose writers wait in the kernel (state D), where no signal reaches them. */
export interface FrozenDisk {
  readonly folder: string;
  /** Lets the writers go on. Idempotent. */
  thaw(): void;
}

/** Mounts one and freezes it; undefined where this user may not mount. Thawed and unmounted when the current test ends. */
export function frozenDisk(): FrozenDisk | undefined {
  const base = scratch();
  const [image, folder] = [join(base, "image"), join(base, "disk")];
  mkdirSync(folder);
  const file = openSync(image, "w");
  ftruncateSync(file, 8 * 1024 * 1024);
  closeSync(file);
  try {
    execFileSync("mkfs.ext4", ["-q", image], { stdio: "ignore" });
    execFileSync("mount", ["-o", "loop", image, folder], { stdio: "ignore" });
  } catch {
    return undefined;
  }
  execFileSync("fsfreeze", ["-f", folder]);
  let frozen = true;
  const thaw = () => {
    if (frozen) execFileSync("fsfreeze", ["-u", folder]);
    frozen = false;
  };
  onTestFinished(() => {
    thaw();
    execFileSync("umount", ["-l", folder]);
  });
  return { folder, thaw };
}
