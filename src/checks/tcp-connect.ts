import { connect, type Socket } from "node:net";
import { withSignal } from "../lib/with-signal.ts";
import { describeNetworkError, type NoAnswer } from "./http-error.ts";

/** A connection that was made, and closed again. */
export interface Connected {
  readonly ok: true;
  /** From the question for the address to the connection. */
  readonly latencyMs: number;
}

/** Connects and hangs up. Never rejects; when `signal` aborts, the answer is one that cannot tell. `timeout` in milliseconds. */
export function connectTo(
  to: { readonly host: string; readonly port: number },
  question: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<Connected | NoAnswer> {
  const { signal, timeout } = question;
  return withSignal({ signals: [signal], timeout }, async (ended) => {
    const began = performance.now();
    try {
      await connection(to, ended);
      return { ok: true, latencyMs: Math.round((performance.now() - began) * 10) / 10 };
    } catch (error) {
      return describeNetworkError(error, question);
    }
  });
}

function connection(to: { host: string; port: number }, ended: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (ended.aborted) return reject(ended.reason);
    const socket = connect(to);
    const abort = () => socket.destroy(ended.reason);
    ended.addEventListener("abort", abort, { once: true });
    socket.once("connect", () => {
      if (isItself(socket)) reject(Object.assign(new Error("refused"), { code: "ECONNREFUSED" }));
      else resolve();
      socket.destroy();
    });
    socket.once("error", reject);
    socket.once("close", () => ended.removeEventListener("abort", abort));
  });
}

/**
 * Of a port of this machine that nobody listens on, the system may pick the same number for our own end, and a socket that
 * connects to itself succeeds. Source: RFC 9293 §3.5, simultaneous open.
 */
function isItself({ localPort, remotePort, localAddress, remoteAddress }: Socket): boolean {
  return localPort === remotePort && localAddress === remoteAddress;
}
