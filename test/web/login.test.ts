import { chmodSync, readFileSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ensureToken } from "../../src/web/token.ts";
import { scratch } from "../support/scratch.ts";
import { ask } from "./ask.ts";
import { asOperator, asViewer, operatorToken, startRig } from "./rig.ts";

const cookieOf = (answer: { headers: NodeJS.Dict<string | string[]> }) =>
  String([answer.headers["set-cookie"]].flat()[0] ?? "").split(";")[0] ?? "";

test("the token is made once, readable by its owner only, and is the same at the next start", () => {
  const file = join(scratch(), "state", "token");
  const made = ensureToken(file);
  expect(made.fresh).toBe(true);
  expect(Buffer.from(made.token, "base64url")).toHaveLength(32);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(ensureToken(file)).toEqual({ token: made.token, fresh: false });
});

test("a token file that others can read, that is a link, or that holds no token is refused", () => {
  const folder = scratch();
  const file = join(folder, "token");
  ensureToken(file);
  symlinkSync(file, join(folder, "link"));
  expect(() => ensureToken(join(folder, "link"))).toThrow(/not a regular file/);
  chmodSync(file, 0o644);
  expect(() => ensureToken(file)).toThrow(/can be read by others \(mode 644\)/);
  writeFileSync(join(folder, "short"), "abc\n", { mode: 0o600 });
  expect(() => ensureToken(join(folder, "short"))).toThrow(/holds no token/);
});

test("the link signs a browser in with a cookie that scripts cannot read, and the token leaves the address", async () => {
  const { url, web, tokenFile } = await startRig();
  const token = readFileSync(tokenFile, "utf8").trim();
  expect(web.signInLink).toBe(`${url}/login?token=${token}`);
  const answer = await ask(`${url}/login?token=${token}`);
  expect([answer.status, answer.headers.location]).toEqual([303, "/"]);
  expect(answer.headers["referrer-policy"]).toBe("no-referrer");
  const cookie = String(answer.headers["set-cookie"]);
  expect(cookie).toMatch(/HttpOnly/);
  expect(cookie).toMatch(/SameSite=Strict/);
  expect(cookie).not.toContain(token);
  const page = await ask(`${url}/`, { headers: { cookie: cookieOf(answer) } });
  expect(page.status).toBe(200);
  expect(page.text).toContain("trading-1");
});

test("a link opened from another site still signs in: the page goes on by itself", async () => {
  const { url } = await startRig();
  const answer = await ask(`${url}/login?token=${operatorToken}`, {
    headers: { "sec-fetch-site": "cross-site" },
  });
  expect(answer.status).toBe(200);
  expect(answer.text).toContain('http-equiv="refresh" content="0;url=/"');
});

test("the cookie is Secure when a proxy on this machine says the browser came by https", async () => {
  const { url } = await startRig();
  const answer = await ask(`${url}/login?token=${operatorToken}`, {
    headers: { "x-forwarded-proto": "https" },
  });
  expect(String(answer.headers["set-cookie"])).toMatch(/; Secure/);
});

test("the form goes on to the page that was asked for, and never to another server", async () => {
  const { url } = await startRig();
  const host = new URL(url).host;
  const sent = async (next: string) => {
    const raw = new URLSearchParams({ token: operatorToken, next }).toString();
    const headers = { origin: `http://${host}`, "content-type": "application/x-www-form-urlencoded" };
    return (await ask(`${url}/login`, { method: "POST", raw, headers })).headers.location;
  };
  expect(await sent("/queues/queue/heal?page=2")).toBe("/queues/queue/heal?page=2");
  for (const bad of [
    "https://evil.example/",
    "//evil.example/",
    "/\\evil.example",
    "javascript:alert(1)",
    "/login",
  ]) {
    expect(await sent(bad)).toBe("/");
  }
});

test("without a login pages lead to the form, the API and Bull Board's API say 401, and nothing is told", async () => {
  const { url } = await startRig();
  const page = await ask(`${url}/queues`, { headers: { accept: "text/html" } });
  expect([page.status, page.headers.location]).toEqual([303, "/login?next=%2Fqueues"]);
  for (const path of ["/api/status", "/api/nothing", "/queues/api/queues", "/live", "/nowhere", "/metrics"]) {
    const answer = await ask(url + path, { headers: { accept: "application/json" } });
    expect([path, answer.status]).toEqual([path, 401]);
    expect(answer.json).toMatchObject({ error: { code: "login-needed" } });
    expect(answer.headers["www-authenticate"]).toBe("Bearer");
  }
});

test("a wrong, a forged and a run-out login are refused", async () => {
  const { url } = await startRig();
  const port = new URL(url).port;
  const status = async (headers: Record<string, string>) =>
    (await ask(`${url}/api/status`, { headers })).status;
  const good = cookieOf(await ask(`${url}/login?token=${operatorToken}`));
  expect(await status({ cookie: good })).toBe(200);
  expect(await status({ cookie: `other=1; ${good}` })).toBe(200);
  expect(await status({ authorization: "Bearer wrong" })).toBe(401);
  expect(await status({ authorization: "Basic b3A6b3A=" })).toBe(401);
  expect(await status({ cookie: `${good}x` })).toBe(401);
  const [, proof] = good.split(".");
  expect(await status({ cookie: `healq_${port}=9999999999999.${proof}` })).toBe(401);
  expect(await status({ cookie: `healq_${port}=1000000000000.${proof}` })).toBe(401);
});

test("after ten different wrong logins an address has to wait; who is signed in does not", async () => {
  const { url } = await startRig();
  const status = async (token: string) =>
    (await ask(`${url}/api/status`, { headers: { authorization: `Bearer ${token}` } })).status;
  expect(await status(operatorToken)).toBe(200);
  for (let n = 0; n < 30; n++) expect(await status("always-the-same")).toBe(401);
  for (let n = 1; n < 10; n++) expect(await status(`guess-${n}`)).toBe(401);
  expect(await status("guess-10")).toBe(429);
  expect(await status(asViewer.authorization.slice(7))).toBe(429);
  expect((await ask(`${url}/login?token=guess-11`)).status).toBe(429);
  expect(await status(operatorToken)).toBe(200);
});

test("a viewer reads everything and changes nothing", async () => {
  const { url } = await startRig();
  expect((await ask(`${url}/api/status`, { headers: asViewer })).status).toBe(200);
  for (const path of ["heal/weights", "check/weights", "wish/weights", "pause", "resume", "nothing"]) {
    const answer = await ask(`${url}/api/${path}`, { method: "POST", headers: asViewer, body: {} });
    expect([path, answer.status]).toEqual([path, 403]);
  }
  const page = await ask(`${url}/`, { headers: asViewer });
  expect(page.text).not.toContain("data-post");
  expect((await ask(`${url}/`, { headers: asOperator })).text).toContain("data-post");
});

test("actions of a browser must come from a page of ours; a program with a token needs no origin", async () => {
  const { url } = await startRig();
  const host = new URL(url).host;
  const cookie = cookieOf(await ask(`${url}/login?token=${operatorToken}`));
  const resume = async (headers: Record<string, string>) =>
    (await ask(`${url}/api/resume`, { method: "POST", headers, body: {} })).status;
  expect(await resume({ cookie })).toBe(403);
  expect(await resume({ cookie, origin: "http://evil.example" })).toBe(403);
  expect(await resume({ cookie, origin: "null" })).toBe(403);
  expect(await resume({ cookie, origin: `http://${host}`, "sec-fetch-site": "same-site" })).toBe(403);
  expect(await resume({ cookie, origin: `http://${host}` })).toBe(200);
  expect(await resume({ cookie, "sec-fetch-site": "same-origin" })).toBe(200);
  expect(await resume(asOperator)).toBe(200);
  const board = await ask(`${url}/queues/api/queues/heal/pause`, {
    method: "PUT",
    headers: { cookie, origin: "http://evil.example" },
  });
  expect(board.status).toBe(403);
});

test("on loopback only the names of loopback are served", async () => {
  const { url } = await startRig();
  const status = async (host: string) => (await ask(`${url}/healthz`, { headers: { host } })).status;
  for (const host of ["localhost:9", "127.0.0.1", "[::1]:3210", "LOCALHOST"])
    expect([host, await status(host)]).toEqual([host, 200]);
  for (const host of ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:80", "a b"]) {
    expect([host, await status(host)]).toEqual([host, 403]);
  }
});

test("a session ends by signing out in this browser", async () => {
  const { url } = await startRig();
  const host = new URL(url).host;
  const answer = await ask(`${url}/logout`, { method: "POST", headers: { origin: `http://${host}` } });
  expect([answer.status, answer.headers.location]).toEqual([303, "/login"]);
  expect(String(answer.headers["set-cookie"])).toMatch(/Expires=Thu, 01 Jan 1970/);
});
