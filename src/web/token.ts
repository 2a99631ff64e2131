import { randomBytes } from "node:crypto";
import { linkSync, lstatSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { HealqError } from "../model/errors.ts";
import { spaceError } from "../system/space-error.ts";

/** A secret that healq made: the login of a node, or what the keys of heartbeats are made from. */
interface MadeToken {
  readonly token: string;
  /** It was made just now: show it to the person once. */
  readonly fresh: boolean;
}

/** What a token of ours looks like; a shorter one was cut off or is of somebody else. */
const pattern = /^[A-Za-z0-9_-]{32,256}$/;

/**
 * Reads a token, or makes one of 32 random bytes (base64url, mode 0600) where there is none. Two that
 * start at once get the same one. Throws `HealqError` `token-file` when others could have read it, when it belongs to
 * somebody else, or when it is no token; `no-room` when the disk is full.
 */
export function ensureToken(file: string): MadeToken {
  const known = readToken(file);
  if (known !== undefined) return { token: known, fresh: false };
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  const token = randomBytes(32).toString("base64url");
  const draft = `${file}.${process.pid}.${randomBytes(4).toString("hex")}`;
  try {
    writeFileSync(draft, `${token}\n`, { mode: 0o600, flag: "wx" });
    // A hard link appears whole or not at all, and never replaces the token another process has just made.
    linkSync(draft, file);
    return { token, fresh: true };
  } catch (cause) {
    const theirs = readToken(file);
    if (theirs !== undefined) return { token: theirs, fresh: false };
    const noRoom = spaceError(file, cause);
    if (noRoom !== cause) throw noRoom;
    throw new HealqError("token-file", `cannot write a secret to ${file}`, { cause });
  } finally {
    rmSync(draft, { force: true });
  }
}

function readToken(file: string): string | undefined {
  const stat = lstatSync(file, { throwIfNoEntry: false });
  if (stat === undefined) return undefined;
  if (!stat.isFile()) throw refused(file, "is not a regular file");
  const own = process.getuid?.();
  if (own !== undefined && stat.uid !== own) throw refused(file, `belongs to user ${stat.uid}`);
  if ((stat.mode & 0o077) !== 0) {
    const mode = (stat.mode & 0o777).toString(8);
    throw refused(file, `can be read by others (mode ${mode})`);
  }
  const token = readFileSync(file, "utf8").trim();
  if (!pattern.test(token)) throw refused(file, "holds no token");
  return token;
}

function refused(file: string, what: string): HealqError {
  return new HealqError(
    "token-file",
    `${file} ${what}; remove it, and healq makes a new one at its next start`,
  );
}
