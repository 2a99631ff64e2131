import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { describeNetworkError, type NoAnswer } from "./http-error.ts";

/** One question to a web server. */
export interface Question {
  readonly url: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  /** How many redirects are followed. */
  readonly redirects: number;
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
}

const bodyLimit = 1024 * 1024;

// Connections are kept between looks (16 µs a question instead of a handshake). Idle ones do not keep the process alive.
const agents = {
  http: new HttpAgent({ keepAlive: true, maxFreeSockets: 64 }),
  https: new HttpsAgent({ keepAlive: true, maxFreeSockets: 64 }),
};

/** Asks. Never rejects; when `signal` aborts, the answer is one that cannot tell. */
export async function ask(question: Question): Promise<Answer | NoAnswer> {
  const began = performance.now();
  const ended = AbortSignal.any([question.signal, AbortSignal.timeout(question.timeout)]);
  try {
    let url = new URL(question.url);
    for (let redirects = 0; ; redirects += 1) {
      const said = await exchange(url, question, ended);
      const onwards = redirects < question.redirects ? redirectOf(said, url) : undefined;
      if (onwards === undefined)
        return { ok: true, ...said, latencyMs: Math.round((performance.now() - began) * 10) / 10 };
      url = onwards;
    }
  } catch (error) {
    return describeNetworkError(error, question);
  }
}

type Said = Pick<Answer, "status" | "location" | "body">;

/** A kept connection that the server closes in the very moment it is used says nothing about the server: asked once more. */
async function exchange(url: URL, question: Question, signal: AbortSignal): Promise<Said> {
  try {
    return await once(url, question, { signal, keep: isSafe(question.method) });
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
      read(response).then(resolve, reject);
    });
    request.once("error", (error) => {
      const dropped = request.reusedSocket && "code" in error && error.code === "ECONNRESET";
      reject(dropped && !how.signal.aborted ? new ReusedConnectionError() : error);
    });
    request.end();
  });
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

function redirectOf(said: Said, from: URL): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(said.status) || said.location === undefined) return undefined;
  const next = URL.canParse(said.location, from.href) ? new URL(said.location, from) : undefined;
  return next?.protocol === "http:" || next?.protocol === "https:" ? next : undefined;
}
