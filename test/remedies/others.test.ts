import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { remedies, remedyOf } from "../../src/remedies/registry.ts";
import { targetOf } from "../support/look.ts";
import { remedyRig, staleFinding } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { serve } from "../support/web-server.ts";

describe("create", () => {
  const weights = (base: string, path = "a/b/w.json") =>
    targetOf("file", { path, create: { content: '{"é":1}' } }, { id: "weights", base });

  it("makes the file with its content and the folders above it, readable by others, and leaves nothing beside it", async () => {
    const base = scratch();
    const { said, details } = await remedyRig().apply("create", weights(base));
    const path = join(base, "a/b/w.json");
    expect(readFileSync(path, "utf8")).toBe('{"é":1}');
    expect(statSync(path).mode & 0o777).toBe(0o644);
    expect(readdirSync(join(base, "a/b"))).toEqual(["w.json"]);
    expect(said).toEqual([`make the folder ${join(base, "a/b")}`, `create ${path} with 8 bytes`]);
    expect(details).toEqual({ path, created: true });
  });

  it("never touches a file that exists, not even one that appears right before it", async () => {
    const base = scratch();
    const path = join(base, "w.json");
    const rig = remedyRig();
    const remedy = remedyOf("create");
    const late = { ...rig.context(weights(base, "w.json")), step: () => writeFileSync(path, "precious") };
    expect((await remedy?.apply(late, {}))?.details).toEqual({ path, created: false });
    expect((await rig.apply("create", weights(base, "w.json"))).said).toEqual([
      `${path} exists: leave it as it is`,
    ]);
    expect(readFileSync(path, "utf8")).toBe("precious");
  });

  it("names a link that leads nowhere, and does not write through it", async () => {
    const base = scratch();
    symlinkSync(join(base, "elsewhere"), join(base, "w.json"));
    await expect(remedyRig().apply("create", weights(base, "w.json"))).rejects.toThrow(
      /cannot create .*w\.json: it is a symbolic link to something that is missing/,
    );
    expect(existsSync(join(base, "elsewhere"))).toBe(false);
  });

  it("says why it could not", async () => {
    const base = scratch();
    writeFileSync(join(base, "a"), "a file where a folder should be");
    await expect(remedyRig().apply("create", weights(base))).rejects.toThrow(
      /cannot make the folder .*(ENOTDIR|EEXIST)/,
    );
  });

  it.runIf(process.geteuid?.() !== 0)("says that it may not write there", async () => {
    const base = scratch();
    mkdirSync(join(base, "a/b"), { recursive: true });
    chmodSync(join(base, "a/b"), 0o500);
    await expect(remedyRig().apply("create", weights(base))).rejects.toThrow(/cannot create .*EACCES/);
  });

  it("does not fit a file without content to create", () => {
    expect(remedyOf("create")?.misfit?.(targetOf("file", { path: "f" }), {})).toContain(
      "create needs the content",
    );
  });
});

describe("a cure that acts on another target", () => {
  it("asks for a heal of the file's producer, with the reason", async () => {
    const target = targetOf(
      "file",
      { path: "weights.json", maxAge: "24h", producer: "predictive_engine" },
      { id: "weights" },
    );
    const { said, followUps } = await remedyRig({ finding: staleFinding }).apply("producer", target);
    expect(said).toEqual(["ask for a heal of predictive_engine"]);
    expect(followUps).toEqual([
      {
        type: "heal",
        target: "predictive_engine",
        reason: "weights: weights.json has not been written for 2d (at most 24h)",
      },
    ]);
  });

  it("asks for the target that the parameters name, else the one of the target itself", async () => {
    const site = targetOf("http", { url: "http://127.0.0.1:1/", target: "nginx" }, { id: "site" });
    expect((await remedyRig().apply("target", site)).followUps).toMatchObject([
      { type: "heal", target: "nginx" },
    ]);
    expect((await remedyRig().apply("target", site, "php")).followUps).toMatchObject([
      { type: "heal", target: "php" },
    ]);
    expect(remedyOf("target")?.references?.("php")).toEqual(["php"]);
    expect(remedyOf("target")?.references?.({})).toEqual([]);
  });

  it("is refused where no other target is named", () => {
    const file = targetOf("file", { path: "f" });
    expect(remedyOf("producer")?.misfit?.(file, {})).toContain("producer: ID");
    expect(remedyOf("target")?.misfit?.(file, {})).toContain("{ target: ID }");
    expect(remedyOf("target")?.misfit?.(file, "php")).toBeUndefined();
  });
});

describe("alert", () => {
  it("calls people with its own words, or with what was found", async () => {
    const target = targetOf("file", { path: "f" }, { id: "weights" });
    const rig = remedyRig({ finding: staleFinding });
    expect((await rig.apply("alert", target)).followUps).toEqual([
      { type: "alert", message: staleFinding.message },
    ]);
    expect((await rig.apply("alert", target, { message: "mend it" })).followUps).toEqual([
      { type: "alert", message: "mend it" },
    ]);
    expect((await remedyRig().apply("alert", target)).followUps).toEqual([
      { type: "alert", message: "weights needs a person" },
    ]);
    expect(remedyOf("alert")?.cures).toBe(false);
  });
});

describe("wake", () => {
  const site = (url: string, more: object = {}) => targetOf("http", { url, ...more }, { id: "site" });

  it("asks until the address answers as wanted", async () => {
    let asked = 0;
    const { url } = await serve((_request, response) => {
      asked += 1;
      response.writeHead(asked < 3 ? 503 : 200).end();
    });
    const { said, details } = await remedyRig().apply("wake", site(`${url}/ping?token=secret`));
    expect(details).toEqual({ questions: 3, status: 200 });
    expect(said).toEqual([`GET ${url}/ping until it answers, for at most 30 s`]);
  });

  it("asks a host that sleeps at growing pauses, until it takes connections", async () => {
    const times: number[] = [];
    const closed = await serve(() => undefined);
    await closed.close();
    const server = createServer((_request, response) => {
      times.push(performance.now());
      response.writeHead(times.length < 4 ? 503 : 200).end();
    });
    onTestFinished(() => void server.close());
    const woken = setTimeout(() => server.listen(closed.port, "127.0.0.1"), 150);
    onTestFinished(() => clearTimeout(woken));
    const { details } = await remedyRig().apply("wake", site(closed.url));
    server.closeAllConnections();
    expect(details).toMatchObject({ status: 200 });
    // Those that nobody heard came first.
    expect(Number(details?.questions)).toBeGreaterThan(times.length);
    const pauses = times.slice(1).map((time, index) => time - (times[index] ?? 0));
    for (const [index, longer] of pauses.slice(1).entries())
      expect(longer).toBeGreaterThan((pauses[index] ?? 0) * 1.2);
  });

  it("gives up when its time is over, with what it heard last", async () => {
    const { url } = await serve((_request, response) => void response.writeHead(502).end());
    await expect(remedyRig().apply("wake", site(url), { within: "300ms" })).rejects.toThrow(
      /did not wake within 300 ms \(asked \d times\): it answered 502/,
    );
    await expect(remedyRig().apply("wake", site("http://127.0.0.1:1/"), { within: "1s" })).rejects.toThrow(
      "connection refused",
    );
  });

  it("does not go on asking an address that is awake and says no", async () => {
    const { url } = await serve((_request, response) => void response.writeHead(404).end());
    await expect(remedyRig().apply("wake", site(url))).rejects.toThrow("is awake, but it answered 404");
  });

  it("takes another wanted status for an answer", async () => {
    const { url } = await serve((_request, response) => void response.writeHead(401).end());
    expect((await remedyRig().apply("wake", site(url, { expect: { status: 401 } }))).details).toMatchObject({
      status: 401,
    });
  });

  it("stops at once when the heal is cancelled", async () => {
    const { url } = await serve((_request, response) => void response.writeHead(503).end());
    const began = performance.now();
    await expect(remedyRig({ signal: AbortSignal.timeout(150) }).apply("wake", site(url))).rejects.toThrow();
    expect(performance.now() - began).toBeLessThan(10_000);
  });
});

describe("the registry of remedies", () => {
  it("knows each by one name", () => {
    const names = remedies.map((remedy) => remedy.remedy);
    expect(new Set(names).size).toBe(names.length);
    expect(names.map((name) => remedyOf(name)?.remedy)).toEqual(names);
    expect(remedyOf("toString")).toBeUndefined();
  });
});
