import type { RequestHandler } from "express";
import { WebError } from "./errors.ts";
import { visitorOf } from "./visitor.ts";

const harmless = new Set(["GET", "HEAD", "OPTIONS"]);

/** True for methods that change nothing. */
export function isHarmless(method: string): boolean {
  return harmless.has(method);
}

/** True for an address or name that only this machine can reach. */
function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host);
}

/**
 * Against DNS rebinding: a page whose name is made to point at this machine sends its own name as `Host`. When healq
 * listens on loopback only the names of loopback are served, and the one in the config. Ports are not compared: an SSH
 * tunnel may use another one. On other addresses the names people use are not known, and the login is the guard.
 */
export function hostGuard(host: string): RequestHandler {
  return (request, _response, next) => {
    if (!isServed(request.headers.host, host))
      throw new WebError(403, "wrong-host", "healq listens on loopback: open it as localhost or 127.0.0.1");
    next();
  };
}

/** True if who listens on `host` serves a request whose header `Host` is `asked`; see `hostGuard`. */
export function isServed(asked: string | undefined, host: string): boolean {
  if (!isLoopback(host)) return true;
  const named = nameOf(asked);
  return named !== undefined && (isLoopback(named) || named === host);
}

/**
 * Actions of a browser must come from a page of ours: a cookie is sent along by any page, a Bearer token is not.
 * `Sec-Fetch-Site` where the browser sends it (https and loopback), else `Origin` against `Host`.
 */
export const originGuard: RequestHandler = (request, response, next) => {
  const fromProgram = visitorOf(response)?.by === "bearer";
  if (fromProgram || isHarmless(request.method) || isOwnPage(request.headers)) return next();
  throw new WebError(
    403,
    "wrong-origin",
    "this action did not come from a page of this healq; programs use a Bearer token",
  );
};

function isOwnPage(headers: { [name: string]: string | string[] | undefined }): boolean {
  const site = headers["sec-fetch-site"];
  if (site !== undefined) return site === "same-origin";
  const origin = headers.origin;
  if (typeof origin !== "string" || typeof headers.host !== "string") return false;
  return URL.canParse(origin) && new URL(origin).host === new URL(`http://${headers.host}`).host;
}

function nameOf(host: string | undefined): string | undefined {
  if (host === undefined || !URL.canParse(`http://${host}`)) return undefined;
  return new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, "");
}
