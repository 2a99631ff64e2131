import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";

/** A user of this machine. */
export interface Account {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
}

/** The account of a user's name or number: from /etc/passwd, else from whatever else this machine asks (`getent`). */
export function accountOf(user: string): Account | undefined {
  if (!/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/.test(user)) return undefined;
  return findIn(readPasswd(), user) ?? findIn(askGetent(user), user);
}

function findIn(passwd: string, user: string): Account | undefined {
  for (const line of passwd.split("\n")) {
    const [name = "", , uid = "", gid = "", , home = "/"] = line.split(":");
    if (uid !== "" && gid !== "" && (name === user || uid === user)) {
      return { name, uid: Number(uid), gid: Number(gid), home };
    }
  }
  return undefined;
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}

function askGetent(user: string): string {
  try {
    return execFileSync("getent", ["passwd", user], {
      encoding: "utf8",
      timeout: 2_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch {
    // Not found, or a system without getent: either way there is no such account for us.
    return "";
  }
}
