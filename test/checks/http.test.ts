import type { IncomingMessage } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTcpServer } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLooker } from "../../src/look/looker.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";
import { serve } from "../support/web-server.ts";

/** A server that is no HTTP server; closed when the current test ends. */
async function serveRaw(onConnection: (socket: Socket) => void): Promise<string> {
  const sockets = new Set<Socket>();
  const server = createTcpServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  // A server that listens on a port has an address with a port.
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("an answer with a 2xx is ok, with its latency and status", async () => {
  const { url } = await serve((_, response) => response.writeHead(204).end());
  const seen = await makeEye()(targetOf("http", { url }));
  expect(seen).toMatchObject({ status: "ok", findings: [], metrics: { statusCode: 204 } });
  expect(seen.message).toMatch(/^answered 204 in /);
});

test("a refused connection is down, and secrets of the address are not repeated", async () => {
  const server = await serve(() => undefined);
  await server.close();
  const url = server.url.replace("//", "//ann:hunter2@");
  const seen = await makeEye()(targetOf("http", { url: `${url}/a?token=hunter2` }));
  expect(seen.findings).toMatchObject([{ symptom: "http.down", fact: false, severity: "critical" }]);
  expect(seen.message).toBe(`${server.url}/a: connection refused`);
  expect(JSON.stringify(seen)).not.toContain("hunter2");
});

test("a server that accepts and never answers is down, not unknown", async () => {
  const url = await serveRaw(() => undefined);
  const seen = await makeEye()(targetOf("http", { url }, { timeout: 300 }));
  expect(seen.findings).toMatchObject([
    { symptom: "http.down", message: `${url}/: no answer within 270 ms` },
  ]);
});

test("an answer whose body never ends in time is down", async () => {
  const { url } = await serve((_, response) => void response.writeHead(200).write("half"));
  expect((await makeEye()(targetOf("http", { url }, { timeout: 300 }))).findings).toMatchObject([
    { symptom: "http.down" },
  ]);
});

test("what is not HTTP, and a connection closed without a word, are down", async () => {
  const eye = makeEye();
  const smtp = await serveRaw((socket) => socket.end("220 mail\r\n"));
  expect((await eye(targetOf("http", { url: smtp }))).message).toBe(`${smtp}/: its answer is not HTTP`);
  const rude = await serveRaw((socket) => socket.destroy());
  expect((await eye(targetOf("http", { url: rude }))).message).toBe(
    `${rude}/: the connection was closed without an answer`,
  );
});

test("a host that does not exist, or a name service that does not answer, is no crash", async () => {
  const seen = await makeEye()(targetOf("http", { url: "http://no-such-host.invalid/" }));
  expect(["critical", "unknown"]).toContain(seen.status);
  expect(seen.message).toMatch(/^http:\/\/no-such-host\.invalid\/: /);
});

test("another status than the wanted one is a finding; a redirect is followed only when asked", async () => {
  const eye = makeEye();
  const { url } = await serve((request, response) => {
    if (request.url === "/there") response.end("arrived");
    else if (request.url === "/round") response.writeHead(302, { location: "/round" }).end();
    else response.writeHead(301, { location: "/there" }).end();
  });
  const seen = await eye(targetOf("http", { url }));
  expect(seen.findings).toMatchObject([{ symptom: "http.status", evidence: { status: 301 } }]);
  expect((await eye(targetOf("http", { url, expect: { status: [301, "2xx"] } }))).status).toBe("ok");
  expect((await eye(targetOf("http", { url, redirects: true, expect: { body: "arrived" } }))).status).toBe(
    "ok",
  );
  const round = await eye(targetOf("http", { url: `${url}/round`, redirects: true }));
  expect(round.findings).toMatchObject([{ symptom: "http.status", evidence: { status: 302 } }]);
});

test("a redirect to another server does not take the config's keys along, and a POST goes on as a GET", async () => {
  const got: string[] = [];
  const note = (name: string, request: IncomingMessage) => {
    const { authorization, "x-api-key": key, "accept-language": language } = request.headers;
    got.push([name, request.method, authorization, key, language].join(" "));
  };
  const other = await serve((request, response) => {
    note("other", request);
    response.end("arrived");
  });
  const { url } = await serve((request, response) => {
    note("first", request);
    const [, status = "302", to = "other"] = request.url?.split("/") ?? [];
    const location = to === "here" ? "/303/other" : `${other.url}/`;
    response.writeHead(Number(status), { location }).end();
  });
  const headers = { Authorization: "Bearer s3cret", "X-Api-Key": "k", "Accept-Language": "de" };
  const eye = makeEye();
  const look = (path: string, method = "GET") =>
    eye(targetOf("http", { url: url + path, method, headers, redirects: true, expect: { body: "arrived" } }));
  expect((await look("/302/here", "POST")).status).toBe("ok");
  expect((await look("/307/other", "POST")).status).toBe("ok");
  expect(got).toEqual([
    "first POST Bearer s3cret k de",
    "first GET Bearer s3cret k de",
    "other GET   de",
    "first POST Bearer s3cret k de",
    "other POST   de",
  ]);
});

test("the body is matched as text, as a pattern, and as JSON by path", async () => {
  const eye = makeEye();
  const { url } = await serve((_, response) => response.end('{"status":"degraded","checks":[{"up":true}]}'));
  const judge = async (wanted: object) => {
    const seen = await eye(targetOf("http", { url, expect: wanted }));
    return seen.status === "ok" ? "ok" : `${seen.findings[0]?.symptom} ${seen.message.slice(url.length)}`;
  };
  expect(await judge({ body: "degraded" })).toBe("ok");
  expect(await judge({ body: "/DEGR.DED/i" })).toBe("ok");
  expect(await judge({ json: { "checks.0.up": true, "$.status": "degraded" } })).toBe("ok");
  expect(await judge({ body: "fine" })).toBe('http.body /: the body does not hold "fine"');
  expect(await judge({ json: { status: "ok", "checks.1.up": true } })).toBe(
    'http.body /: json status is "degraded", not "ok", json checks.1.up is missing, not true',
  );
});

test("a pattern that takes exponential time on an answer is unknown, and soon", async () => {
  const { url } = await serve((_, response) => response.end(`${"a".repeat(50)}b`));
  const seen = await makeEye()(targetOf("http", { url, expect: { body: "/(a+)+$/" } }));
  expect(seen.status).toBe("unknown");
  expect(seen.message).toContain("takes too long");
  expect(seen.durationMs).toBeLessThan(3_000);
});

test("of an endless answer the first megabyte is judged", async () => {
  const { url } = await serve((_, response) => {
    response.write("begin");
    const more = (): void =>
      void (
        response.destroyed ||
        (response.write("x".repeat(65_536)) ? setImmediate(more) : response.once("drain", more))
      );
    more();
  });
  expect(await makeEye()(targetOf("http", { url, expect: { body: "begin" } }))).toMatchObject({
    status: "ok",
  });
});

test("an answer slower than maxLatency is a warning", async () => {
  const { url } = await serve((_, response) => void setTimeout(() => response.end(), 60));
  const seen = await makeEye()(targetOf("http", { url, maxLatency: "20ms" }));
  expect(seen).toMatchObject({ status: "warning", findings: [{ symptom: "http.slow" }] });
});

test("connections are kept, and one that the server closed meanwhile is no fault of the server", async () => {
  const eye = makeEye();
  let connections = 0;
  const url = await serveRaw((socket) => {
    connections += 1;
    let questions = 0;
    socket.on("data", () => {
      questions += 1;
      if (questions < 3) socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      else socket.resetAndDestroy();
    });
  });
  for (let look = 1; look <= 3; look += 1) expect((await eye(targetOf("http", { url }))).status).toBe("ok");
  expect(connections).toBe(2);
});

test("waking comes first, then the target that serves it", () => {
  const kind = kindOf("http");
  const spec = (more: object) => kind?.schema.parse({ url: "http://x/", ...more });
  expect(kind?.defaultLadder(spec({}))).toMatchObject({ "http.down": ["wake"], "http.certificate": [] });
  expect(kind?.defaultLadder(spec({ target: "web" }))).toMatchObject({
    "http.status": ["wake", "target"],
    "http.certificate": [],
  });
  expect(kind?.references(spec({ target: "web" }))).toEqual(["web"]);
});

test("fields that cannot count together are problems", () => {
  const kind = kindOf("http");
  const paths = (more: object) =>
    kind?.problems?.(kind.schema.parse({ url: "http://x/", ...more })).map(({ path }) => path.join("."));
  expect(paths({ method: "HEAD", expect: { body: "x" } })).toEqual(["method"]);
  expect(paths({ expect: { body: "/(/" } })).toEqual(["expect.body"]);
  expect(paths({ expect: { body: "/api/health" } })).toEqual([]);
  expect(paths({ certificate: "7d" })).toEqual(["certificate"]);
  expect(paths({ url: "https://x/", certificate: "7d" })).toEqual([]);
});

test("an address that is no web address, and a header that would begin another one, are refused", () => {
  const schema = kindOf("http")?.schema;
  expect(schema?.safeParse({ url: "ftp://x" }).success).toBe(false);
  expect(schema?.safeParse({ url: "http://x", headers: { a: "b\r\nc: d" } }).success).toBe(false);
});

test("a hundred slow answers come in at once, and hosts that hang delay nobody", async () => {
  const { url } = await serve((_, response) => void setTimeout(() => response.end("ok"), 50));
  const hangs = await serveRaw(() => undefined);
  const looker = createLooker({ kindOf, processes: noProcesses, clock: systemClock });
  onTestFinished(() => looker.close());
  const many = (count: number, address: string, name: string) =>
    Array.from({ length: count }, (_, n) =>
      targetOf("http", { url: `${address}/${n}` }, { id: `${name}${n}`, timeout: 3_000 }),
    );
  const targets = [...many(20, hangs, "hung"), ...many(100, url, "slow")];
  const began = performance.now();
  const seen = new Map<string, { status: string; after: number }>();
  await looker.look(targets, ({ target, status }) => {
    seen.set(target, { status, after: performance.now() - began });
  });
  for (const [id, { status, after }] of seen) {
    expect([id, status]).toEqual([id, id.startsWith("slow") ? "ok" : "critical"]);
    // Long before those that hang are given up.
    if (id.startsWith("slow")) expect(after).toBeLessThan(2_500);
  }
  expect(seen.size).toBe(120);
});
