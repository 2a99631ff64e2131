import express, { type Request, type RequestHandler, type Response, Router } from "express";
import * as z from "zod";
import { parse } from "./body.ts";
import type { Door } from "./door.ts";
import { originGuard } from "./origin.ts";
import { loginPage } from "./page/login-page.ts";
import { onwardPage } from "./page/onward-page.ts";
import { slowDown } from "./roles.ts";
import type { Throttle } from "./throttle.ts";

const query = z.object({
  token: z.string().optional(),
  next: z.string().optional(),
  failed: z.string().optional(),
});
const form = z.object({ token: z.string().max(1_000), next: z.string().optional() });

/** `/login`: by the link that healq printed, or by a form. `/logout` forgets the session in this browser. */
export function loginRoutes(door: Door, throttle: Throttle): Router {
  const byForm: RequestHandler = (request, response) => {
    const { token, next } = parse(form, request.body);
    response.set("Cache-Control", "no-store");
    if (signIn(request, response, { token: token.trim(), door, throttle }))
      response.redirect(303, safePath(next));
    else
      response
        .status(401)
        .type("html")
        .send(loginPage({ next: safePath(next), failed: true }));
  };
  const signOut: RequestHandler = (_request, response) => {
    response.clearCookie(door.cookie, { path: "/" });
    response.redirect(303, "/login");
  };
  return Router()
    .get("/login", byLink(door, throttle))
    .post("/login", originGuard, express.urlencoded({ extended: false, limit: 4_096 }), byForm)
    .post("/logout", originGuard, signOut);
}

/** Signs in with the token of the address, or shows the form when there is none in it. */
function byLink(door: Door, throttle: Throttle): RequestHandler {
  return (request, response) => {
    const { token, next, failed } = parse(query, request.query);
    response.set("Cache-Control", "no-store");
    if (token === undefined) {
      response.type("html").send(loginPage({ next: safePath(next), failed: failed !== undefined }));
      return;
    }
    // The token is in the address: nobody may be told this address.
    response.set("Referrer-Policy", "no-referrer");
    if (signIn(request, response, { token, door, throttle })) goOn(request, response, safePath(next));
    else response.redirect(303, "/login?failed=1");
  };
}

/** Gives this browser a session; false when the token is wrong. */
function signIn(
  request: Request,
  response: Response,
  { token, door, throttle }: { token: string; door: Door; throttle: Throttle },
): boolean {
  const address = request.ip ?? "";
  slowDown(throttle, address, token);
  const session = door.open(token);
  if (session === undefined) {
    throttle.failed(address, token);
    return false;
  }
  throttle.succeeded(token);
  response.cookie(door.cookie, session, {
    httpOnly: true,
    sameSite: "strict",
    secure: request.secure,
    path: "/",
    maxAge: door.lasts,
  });
  return true;
}

/**
 * A link in a chat opens as a request of another site, and a browser withholds a strict cookie from all redirects that
 * follow. A page of our own that goes on by itself ends that chain.
 */
function goOn(request: Request, response: Response, path: string): void {
  if (request.headers["sec-fetch-site"] === "cross-site") response.type("html").send(onwardPage(path));
  else response.redirect(303, path);
}

/** Where to go after signing in: a path of this server, never another one's address. */
function safePath(next: string | undefined): string {
  const base = "http://healq.invalid";
  if (next === undefined || !next.startsWith("/") || !URL.canParse(next, base)) return "/";
  const { origin, pathname, search } = new URL(next, base);
  return origin === base && !pathname.startsWith("//") && !pathname.startsWith("/login")
    ? pathname + search
    : "/";
}
