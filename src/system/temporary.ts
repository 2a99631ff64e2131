import { readdirSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * A path beside a file of somebody else's, for the text that is to take its place: in the same folder, since only there a rename or a link is one
 * piece. What a healq that was killed has left there under such a name is removed.
 */
export function temporaryBeside(path: string): string {
  const [folder, before] = [dirname(path), `.${basename(path)}.`];
  for (const name of namesIn(folder)) {
    const pid = name.startsWith(before) ? /^(\d+)\.healq$/.exec(name.slice(before.length))?.[1] : undefined;
    if (pid !== undefined && !isAlive(Number(pid))) rmSync(join(folder, name), { force: true });
  }
  const temporary = join(folder, `${before}${process.pid}.healq`);
  rmSync(temporary, { force: true });
  return temporary;
}

/** Nothing where the folder may be written but not read. */
function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

/** Somebody of that pid lives, and may be writing there now. */
function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, and is another user's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
