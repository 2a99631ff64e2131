import type { RequestHandler } from "express";
import helmet from "helmet";

const common = {
  "default-src": ["'none'"],
  "script-src": ["'self'"],
  "img-src": ["'self'", "data:"],
  "font-src": ["'self'", "data:"],
  "connect-src": ["'self'"],
  "form-action": ["'self'"],
  "frame-ancestors": ["'none'"],
};

/** Bull Board sets its base and styles from scripts. Without `upgrade-insecure-requests`, or plain http on another host stays blank. */
const board = { ...common, "style-src": ["'self'", "'unsafe-inline'"], "base-uri": ["'self'"] };
const own = { ...common, "style-src": ["'self'"], "base-uri": ["'none'"] };

/** What browsers are told to refuse: scripts and styles of others, framing, sniffing, telling others our addresses. */
export function securityHeaders(): RequestHandler {
  const make = (directives: Record<string, string[]>) =>
    helmet({
      contentSecurityPolicy: { useDefaults: false, directives },
      // `no-referrer` would make browsers send `Origin: null` with our own forms.
      referrerPolicy: { policy: "same-origin" },
      // TLS is a proxy's affair, and so is promising it.
      strictTransportSecurity: false,
      // Ignored with a warning on plain http, which is the default.
      crossOriginOpenerPolicy: false,
      originAgentCluster: false,
    });
  const forBoard = make(board);
  const forOwn = make(own);
  return (request, response, next) =>
    /^\/queues(?:\/|$)/i.test(request.path)
      ? forBoard(request, response, next)
      : forOwn(request, response, next);
}
