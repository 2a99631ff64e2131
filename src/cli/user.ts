import { userInfo } from "node:os";

/** Who asks, for the record: the login name, or the number of a user without one. */
export function whoAsks(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? "unknown"}`;
  }
}
