import { statSync } from "node:fs";

/** Writable by the group or by everyone. */
const writableByOthers = 0o022;

/** Why healq, as root, must not run a program: whoever can write it would be root. Undefined when it may, or healq is not root. */
export function untrustedProgram(path: string): string | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const ours = found.uid === 0 && (found.mode & writableByOthers) === 0;
  if (ours) return undefined;
  return `as root healq does not run ${path}, which others can write (chown root, chmod go-w)`;
}
