import type { RequestHandler } from "express";
import type { Door } from "./door.ts";
import { answer, WebError } from "./errors.ts";
import type { Throttle } from "./throttle.ts";
import { knownVisitor, setVisitor } from "./visitor.ts";
import { wantsPage } from "./wants-page.ts";

/** Lets in who has a login; a browser without one is led to `/login`, a program is told. */
export function requireLogin(door: Door, throttle: Throttle): RequestHandler {
  return (request, response, next) => {
    const address = request.ip ?? "";
    const knock = door.knock(request.headers);
    if (knock !== undefined) {
      slowDown(throttle, address, knock.login);
      if (knock.visitor !== undefined) {
        throttle.succeeded(knock.login);
        setVisitor(response, knock.visitor);
        return next();
      }
      throttle.failed(address, knock.login);
    }
    if (wantsPage(request) && request.method === "GET") {
      return response.redirect(303, `/login?next=${encodeURIComponent(request.originalUrl)}`);
    }
    response.set("WWW-Authenticate", "Bearer");
    const message = "sign in at /login, or send a token: Authorization: Bearer TOKEN";
    answer(response, { status: 401, code: "login-needed", message }, { page: wantsPage(request) });
  };
}

/** Throws when this address has tried too many wrong logins. */
export function slowDown(throttle: Throttle, address: string, login: string): void {
  const wait = throttle.wait(address, login);
  if (wait === undefined) return;
  const seconds = Math.ceil(wait / 1_000);
  throw new WebError(429, "too-many-attempts", `too many wrong logins from here; try again in ${seconds} s`);
}

/** Lets only operators pass. */
export const requireOperator: RequestHandler = (_request, response, next) => {
  const visitor = knownVisitor(response);
  if (visitor.role === "operator") return next();
  throw new WebError(
    403,
    "viewer",
    `${visitor.name} is a viewer and may only look; actions need an operator`,
  );
};
