import { distrusted } from "../system/trust.ts";

/** Why healq, as root, must not run a program: whoever can write it would be root. Undefined when it may, or healq is not root. */
export function untrustedProgram(path: string): string | undefined {
  const fault = distrusted(path);
  return fault === undefined
    ? undefined
    : `as root healq does not run ${path}, which ${fault} (chown root, chmod go-w)`;
}
