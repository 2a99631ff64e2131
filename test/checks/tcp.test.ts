import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { networkInterfaces } from "node:os";
import { expect, onTestFinished, test } from "vitest";
import { describeNetworkError } from "../../src/checks/http-error.ts";
import { kindOf } from "../../src/checks/registry.ts";
import { systemClock } from "../../src/lib/clock.ts";
import { createLooker } from "../../src/look/looker.ts";
import { loadExample } from "../support/example.ts";
import { fullPort } from "../support/full-port.ts";
import { makeEye, noProcesses, targetOf } from "../support/look.ts";

async function listen(host: string): Promise<{ port: number; heard: string[]; close(): Promise<unknown> }> {
  const heard: string[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined).on("data", (data) => heard.push(String(data)));
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  onTestFinished(async () => void (await close()));
  // A server that listens on a port has an address with a port.
  return { port: (server.address() as AddressInfo).port, heard, close };
}

test("a port that takes connections is ok, and is told nothing; one that refuses is down, and said so", async () => {
  const eye = makeEye();
  const { port, heard, close } = await listen("127.0.0.1");
  const target = targetOf("tcp", { host: "127.0.0.1", port });
  const well = await eye(target);
  expect(well).toMatchObject({ status: "ok", findings: [], metrics: { latencyMs: expect.any(Number) } });
  expect(well.message).toMatch(/^connected in \d+ ms$/);
  expect((await eye(targetOf("tcp", { host: "localhost", port }))).status).toBe("ok");
  await close();
  expect(heard).toEqual([]);
  expect(await eye(target)).toMatchObject({
    status: "critical",
    message: `127.0.0.1:${port}: connection refused`,
    findings: [{ symptom: "tcp.down", fact: false, evidence: { host: "127.0.0.1", port } }],
  });
});

const hasIpv6 = Object.values(networkInterfaces()).some((each) =>
  each?.some(({ address }) => address === "::1"),
);

test.runIf(hasIpv6)("an IPv6 address is asked too, and written with brackets", async () => {
  const eye = makeEye();
  const { port, close } = await listen("::1");
  expect((await eye(targetOf("tcp", { host: "::1", port }))).status).toBe("ok");
  await close();
  expect((await eye(targetOf("tcp", { host: "::1", port }))).message).toBe(
    `[::1]:${port}: connection refused`,
  );
});

test("a host that does not answer is down within the timeout, and does not hold up others", async () => {
  const full = await fullPort();
  const { port } = await listen("127.0.0.1");
  const looker = createLooker({ kindOf, processes: noProcesses, clock: systemClock });
  onTestFinished(() => looker.close());
  const hung = Array.from({ length: 20 }, (_, n) =>
    targetOf("tcp", full, { id: `hung${n}`, timeout: 2_000 }),
  );
  const seen: string[] = [];
  await looker.look([...hung, targetOf("tcp", { host: "127.0.0.1", port }, { id: "well" })], (each) =>
    seen.push(`${each.target} ${each.status} ${each.message}`),
  );
  expect(seen[0]).toMatch(/^well ok /);
  expect(seen).toHaveLength(21);
  expect(seen[20]).toContain(`critical 127.0.0.1:${full.port}: no answer within 1.8 s`);
});

test("a name that does not exist is down, or unknown where no name service answers", async () => {
  const seen = await makeEye()(targetOf("tcp", { host: "no-such-host.invalid", port: 80 }));
  const said: Record<string, string> = {
    critical: "no-such-host.invalid:80: no such host",
    unknown: "no-such-host.invalid:80: the name service of this machine does not answer",
  };
  expect(seen.message).toBe(said[seen.status]);
});

test("of a name with several addresses those that this machine can reach say how the host is", () => {
  const question = { timeout: 100, signal: new AbortController().signal };
  const failed = (...codes: string[]) =>
    describeNetworkError(
      new AggregateError(codes.map((code) => Object.assign(new Error(code), { code }))),
      question,
    );
  expect(failed("ENETUNREACH", "ECONNREFUSED")).toMatchObject({
    reason: "connection refused",
    cannotTell: false,
  });
  expect(failed("ENETUNREACH")).toMatchObject({ cannotTell: true });
});

test("the host is a name or an address alone", () => {
  const fits = (host: string) => kindOf("tcp")?.schema.safeParse({ host, port: 1 }).success;
  for (const host of ["db", "db_1.example.", "10.0.0.7", "::1", "fe80::1%eth0"])
    expect([host, fits(host)]).toEqual([host, true]);
  for (const host of ["", "db:5432", "[::1]", "http://db", "a b", "-x"])
    expect([host, fits(host)]).toEqual([host, false]);
});

test("the example: what the port's target names is what a cure heals", async () => {
  const { port, close } = await listen("127.0.0.1");
  const { targets } = await loadExample("tcp", { DB_PORT: String(port) });
  const target = targets.get("orders-db-port");
  if (target === undefined) throw new Error("the example has no orders-db-port");
  const eye = makeEye();
  expect((await eye(target)).status).toBe("ok");
  await close();
  expect((await eye(target)).findings).toMatchObject([{ symptom: "tcp.down" }]);
  expect(target.ladders.any).toMatchObject([{ remedy: "target" }]);
});
