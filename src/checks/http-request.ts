import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import type { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { withSignal } from "../lib/with-signal.ts";
import { describeNetworkError, type NoAnswer } from "./http-error.ts";
import { onward, redirectOf } from "./http-redirect.ts";

/** One question to a web server. */
export interface Question {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How many redirects are followed. */
  readonly redirects: number;
  /** Ask over a new connection: an old one still has the certificate of the day it was made. Default: connections are kept. */
  readonly anew?: true;
  /** Milliseconds for all of it. */
  readonly timeout: number;
  readonly signal: AbortSignal;
}

/** What a web server said. */
export interface Answer {
  readonly ok: true;
  readonly status: number;
  readonly location?: string;
  /** At most 1 MiB of it, as UTF-8. */
  readonly body: string;
  /** From the question to the end of the body. */
  readonly latencyMs: number;
  /** With `anew`, when the first certificate on the way ends, in milliseconds since the epoch; absent over http. */
  readonly certificateEnds?: number;
}

const bodyLimit = 1024 * 1024;

// Connections are kept between looks (16 µs a question instead of a handshake). Idle ones do not keep the process alive.
const agents = {
  http: new HttpAgent({ keepAlive: true, maxFreeSockets: 64 }),
  https: new HttpsAgent({ keepAlive: true, maxFreeSockets: 64 }),
};

/** Asks. Never rejects; when `signal` aborts, the answer is one that cannot tell. */
export function ask(question: Question): Promise<Answer | NoAnswer> {
  const { signal, timeout } = question;
  return withSignal({ signals: [signal], timeout }, (ended) => askUntil(ended, question));
}

async function askUntil(ended: AbortSignal, question: Question): Promise<Answer | NoAnswer> {
  const began = performance.now();
  try {
    let url = new URL(question.url);
    let asked = question;
    const ends: number[] = [];
    for (let redirects = 0; ; redirects += 1) {
      const said = await exchange(url, asked, ended);
      if (said.certificateEnds !== undefined) ends.push(said.certificateEnds);
      const onwards = redirects < question.redirects ? redirectOf(said, url) : undefined;
      if (onwards === undefined) {
        const latencyMs = Math.round((performance.now() - began) * 10) / 10;
        const first = ends.length === 0 ? {} : { certificateEnds: Math.min(...ends) };
        return { ok: true, ...said, latencyMs, ...first };
      }
      asked = onward(asked, { from: url, to: onwards, status: said.status });
      url = onwards;
    }
  } catch (error) {
    return describeNetworkError(error, question);
  }
}

type Said = Pick<Answer, "status" | "location" | "body" | "certificateEnds">;

/** A kept connection that the server closes in the very moment it is used says nothing about the server: asked once more. */
async function exchange(url: URL, question: Question, signal: AbortSignal): Promise<Said> {
  try {
    return await once(url, question, { signal, keep: isSafe(question.method) && question.anew !== true });
  } catch (error) {
    if (!(error instanceof ReusedConnectionError)) throw error;
    return await once(url, question, { signal, keep: false });
  }
}

function isSafe(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

class ReusedConnectionError extends Error {}

function once(url: URL, question: Question, how: { signal: AbortSignal; keep: boolean }): Promise<Said> {
  return new Promise((resolve, reject) => {
    const secure = url.protocol === "https:";
    const send = secure ? httpsRequest : httpRequest;
    const agent = how.keep && (secure ? agents.https : agents.http);
    const headers = { "user-agent": "healq", accept: "*/*", ...question.headers };
    const request = send(url, { method: question.method, headers, agent, signal: how.signal }, (response) => {
      const certificateEnds = question.anew === true ? endOfCertificate(response.socket) : undefined;
      const more = certificateEnds === undefined ? {} : { certificateEnds };
      read(response).then((said) => resolve({ ...said, ...more }), reject);
    });
    request.once("error", (error) => {
      const dropped = request.reusedSocket && "code" in error && error.code === "ECONNRESET";
      reject(dropped && !how.signal.aborted ? new ReusedConnectionError() : error);
    });
    request.end();
  });
}

/** When the server's own certificate ends; those of its authorities end later. Undefined without TLS. */
function endOfCertificate(socket: Socket): number | undefined {
  if (!(socket instanceof TLSSocket)) return undefined;
  const ends = Date.parse(socket.getPeerCertificate().valid_to ?? "");
  return Number.isNaN(ends) ? undefined : ends;
}

async function read(response: IncomingMessage): Promise<Said> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response) {
    // Without an encoding set, a response is a stream of buffers.
    const bytes = chunk as Buffer;
    chunks.push(bytes.subarray(0, bodyLimit - length));
    length += bytes.length;
    // Leaving the loop closes the connection: the rest is not wanted.
    if (length >= bodyLimit) break;
  }
  const { location } = response.headers;
  const said = { status: response.statusCode ?? 0, body: Buffer.concat(chunks).toString("utf8") };
  return location === undefined ? said : { ...said, location };
}
