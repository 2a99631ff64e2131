import { execFileSync } from "node:child_process";
import { utimesSync, writeFileSync } from "node:fs";
import { onTestFinished } from "vitest";
import { scratch } from "./scratch.ts";

/** A small disk of its own in a folder, unmounted when the current test ends; undefined where this user may not mount one. */
export function smallDisk(options: string, folder = scratch()): string | undefined {
  return mounted(["-t", "tmpfs", "-o", `${options},mode=700`, "none", folder], folder);
}

/** Shows one folder at another place too, as a mount of its own. */
export function bindMount(from: string, to: string): string | undefined {
  return mounted(["--bind", from, to], to);
}

function mounted(argv: readonly string[], folder: string): string | undefined {
  try {
    execFileSync("mount", argv, { stdio: "ignore" });
  } catch {
    return undefined;
  }
  onTestFinished(() => void execFileSync("umount", [folder]));
  return folder;
}

/** A file with so many bytes really on the disk, last written so many days ago. */
export function aged(path: string, days: number, bytes = 1): void {
  writeFileSync(path, Buffer.alloc(bytes, "x"));
  const then = Date.now() / 1_000 - days * 86_400;
  utimesSync(path, then, then);
}
