import type { IncomingMessage, ServerResponse } from "node:http";

/** Answers with JSON that nobody may keep or take for anything else, without Express; to HEAD with the headers alone. */
export function sendJson(
  response: ServerResponse,
  { status, body, to }: { status: number; body: object; to: IncomingMessage },
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  response.writeHead(status, {
    "Content-Type": "application/json; charset=utf-8",
    "Content-Length": bytes.length,
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
  });
  response.end(to.method === "HEAD" ? undefined : bytes);
}
