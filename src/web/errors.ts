import type { ErrorRequestHandler, RequestHandler, Response } from "express";
import { HealqError, messageOf } from "../model/errors.ts";
import { refusalOf } from "../redis/refusal.ts";
import type { WebLog } from "./options.ts";
import { messagePage } from "./page/message-page.ts";
import { wantsPage } from "./wants-page.ts";

/** A request that is refused, with the HTTP status that says so. */
export class WebError extends HealqError {
  readonly status: number;

  constructor(status: number, code: string, message: string) {
    super(code, message);
    this.status = status;
  }
}

/** The HTTP status of our own errors; any other code is a request that cannot be done now. */
const statusOf: Readonly<Record<string, number>> = {
  usage: 400,
  "unknown-target": 404,
  unreachable: 503,
  "node-unreachable": 504,
};

/** For paths nobody has taken. */
export const notFound: RequestHandler = (request) => {
  throw new WebError(
    404,
    "not-found",
    `there is nothing at ${request.method} ${request.originalUrl.split("?")[0]}`,
  );
};

/** Answers with what went wrong: a page for people, JSON for programs; never a stack. What nobody expected is logged. */
export function errorHandler(log: WebLog): ErrorRequestHandler {
  return (error: unknown, request, response, _next) => {
    const known = describe(error);
    if (known.code === "internal") {
      log.error({ err: error, path: request.path }, "a request failed in a way nobody expected");
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    answer(response, known, { page: wantsPage(request) });
  };
}

interface Answer {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/** Sends an error. */
export function answer(
  response: Response,
  { status, code, message }: Answer,
  { page }: { page: boolean },
): void {
  response.status(status).set("Cache-Control", "no-store");
  if (page) response.type("html").send(messagePage({ title: headline(status), message }));
  else response.json({ error: { code, message } });
}

function describe(error: unknown): Answer {
  if (error instanceof WebError) return error;
  if (error instanceof HealqError) {
    return { status: statusOf[error.code] ?? 409, code: error.code, message: error.message };
  }
  const refusal = refusalOf(error);
  if (refusal !== undefined) return { status: 503, code: "unreachable", message: refusal };
  const status = clientStatus(error);
  if (status !== undefined) return { status, ...faultOfClient(status, messageOf(error)) };
  return { status: 500, code: "internal", message: "healq met an error nobody expected; its log says more" };
}

/** Express and its body parser say by `status` that the request itself was at fault. */
function clientStatus(error: unknown): number | undefined {
  const status = error instanceof Error && "status" in error ? error.status : undefined;
  return typeof status === "number" && status >= 400 && status < 500 ? status : undefined;
}

function faultOfClient(status: number, said: string): Pick<Answer, "code" | "message"> {
  if (status === 413) return { code: "too-large", message: "the body is larger than 64 kB" };
  if (status === 415) return { code: "unsupported", message: "send the body as application/json in UTF-8" };
  return { code: "bad-request", message: `the request cannot be understood: ${said}` };
}

function headline(status: number): string {
  if (status === 404) return "Nothing here";
  if (status === 403) return "Not allowed";
  if (status === 429) return "Too many attempts";
  return status >= 500 ? "healq cannot answer now" : "That did not work";
}
