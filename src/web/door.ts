import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { Clock } from "../lib/clock.ts";
import type { Role, TokenUse } from "../model/config.ts";

/** Who is asking. */
export interface Visitor {
  /** The login's name: what the record says of who asked. */
  readonly name: string;
  readonly role: Role;
  /** A browser's cookie is sent along by any page; a program's Bearer token is not. */
  readonly by: "bearer" | "cookie";
}

/** What a request says about who sent it: the login as it was given, and whose it is; no visitor when it is wrong. */
export interface Knock {
  readonly login: string;
  readonly visitor?: Visitor;
}

/** Tells visitors by their logins; keeps nothing. */
export interface Door {
  /** The name of the session cookie. Cookies know no ports: two healqs on one host must not overwrite each other's. */
  readonly cookie: string;
  /** How long a session lasts, in milliseconds. */
  readonly lasts: number;
  /** Undefined: the request brings no login at all. */
  knock(headers: IncomingHttpHeaders): Knock | undefined;
  /** The session for a token; undefined for a wrong one. */
  open(token: string): string | undefined;
}

const lasts = 30 * 86_400_000;

/**
 * A session is its end and an HMAC of that end under the token: it says nothing about the token, cannot be made or
 * prolonged without it, survives restarts, and ends when the token is taken from the config.
 */
export function createDoor(options: { tokens: readonly TokenUse[]; port: number; clock: Clock }): Door {
  const { tokens, clock } = options;
  const cookie = `healq_${options.port}`;
  const byToken = (given: string) => pick(tokens, ({ token }) => same(given, token));
  const bySession = (given: string) => {
    const [, end = "", proof = ""] = /^(\d{13,15})\.([A-Za-z0-9_-]{43})$/.exec(given) ?? [];
    const user = pick(tokens, ({ token }) => same(proof, prove(token, end)));
    return Number(end) > clock.now() ? user : undefined;
  };
  return {
    cookie,
    lasts,
    knock: (headers) => {
      const bearer = bearerOf(headers);
      if (bearer !== undefined) return knocked(bearer, "bearer", byToken(bearer));
      const session = cookieOf(headers, cookie);
      return session === undefined ? undefined : knocked(session, "cookie", bySession(session));
    },
    open: (token) => {
      const user = byToken(token);
      const end = String(clock.now() + lasts);
      return user === undefined ? undefined : `${end}.${prove(user.token, end)}`;
    },
  };
}

function knocked(login: string, by: Visitor["by"], user: TokenUse | undefined): Knock {
  return user === undefined ? { login } : { login, visitor: { name: user.name, role: user.role, by } };
}

/** Looks at all of them, so that the time it takes does not tell which one came close. */
function pick(tokens: readonly TokenUse[], fits: (use: TokenUse) => boolean): TokenUse | undefined {
  return tokens.filter(fits)[0];
}

/** Compares in constant time; digests, because lengths must agree and must not be told. */
function same(given: string, right: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(given), digest(right));
}

function prove(token: string, end: string): string {
  return createHmac("sha256", token).update(`healq session until ${end}`).digest("base64url");
}

function bearerOf(headers: IncomingHttpHeaders): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.authorization ?? "")?.[1];
}

function cookieOf(headers: IncomingHttpHeaders, name: string): string | undefined {
  for (const pair of (headers.cookie ?? "").split(";")) {
    const [key, value] = pair.trim().split("=", 2);
    if (key === name && value !== undefined) return value;
  }
  return undefined;
}
