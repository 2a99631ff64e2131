import express, { type RequestHandler } from "express";
import type * as z from "zod";
import { WebError } from "./errors.ts";

/** Largest body, in bytes. */
const bodyLimit = 64 * 1024;

/** Keys that reach an object's prototype when somebody merges what was sent. */
const harmful = new Set(["__proto__", "constructor", "prototype"]);

/** Reads JSON bodies of at most 64 kB; refuses any other type, so that a form of another page is never taken for an action. */
export function jsonBody(): RequestHandler[] {
  const onlyJson: RequestHandler = (request, _response, next) => {
    const empty =
      request.headers["transfer-encoding"] === undefined &&
      Number(request.headers["content-length"] ?? 0) === 0;
    if (empty || request.is("application/json") !== false) return next();
    throw new WebError(415, "unsupported", "send the body as application/json in UTF-8");
  };
  const refuseHarmful = (key: string, value: unknown) => {
    if (harmful.has(key)) throw new SyntaxError(`the key ${key} is not accepted`);
    return value;
  };
  return [onlyJson, express.json({ limit: bodyLimit, type: "application/json", reviver: refuseHarmful })];
}

/** What was sent, checked; throws a 400 that names each field and what is wrong with it. */
export function parse<T>(schema: z.ZodType<T>, sent: unknown): T {
  const parsed = schema.safeParse(sent ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) =>
    path.length === 0 ? message : `${path.join(".")}: ${message}`,
  );
  throw new WebError(400, "bad-request", problems.join("; "));
}
