import {
  chmodSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { run } from "../support/child.ts";
import { loadCopiedExample } from "../support/copied-example.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";

function aged(path: string, seconds: number, content = "{}"): void {
  writeFileSync(path, content);
  const then = Date.now() / 1_000 - seconds;
  utimesSync(path, then, then);
}

test("a file that is there and fresh is ok, with its size and age", async () => {
  const base = scratch();
  aged(join(base, "f"), 3, "12345");
  const seen = await makeEye()(targetOf("file", { path: "f", maxAge: "1m", minSize: 5 }, { base }));
  expect(seen).toMatchObject({ status: "ok", findings: [] });
  expect(seen.message).toMatch(/^5 B, written \d(\.\d)? s ago$/);
  expect(seen.metrics.size).toBe(5);
  expect(seen.metrics.ageMs).toBeGreaterThanOrEqual(3_000);
});

test("a missing file is a fact, also when a folder of its path is missing or its link leads nowhere", async () => {
  const base = scratch();
  symlinkSync("nowhere", join(base, "dangling"));
  writeFileSync(join(base, "plain"), "");
  for (const path of ["f", "a/b/c", "dangling", "plain/f"]) {
    const seen = await makeEye()(targetOf("file", { path }, { base }));
    expect(seen).toMatchObject({ status: "critical", message: `${path} is missing` });
    expect(seen.findings).toMatchObject([{ symptom: "file.missing", fact: true }]);
  }
});

test("an old file is stale by inference, and a chmod does not make it fresh", async () => {
  const base = scratch();
  aged(join(base, "f"), 7 * 60);
  chmodSync(join(base, "f"), 0o600);
  const seen = await makeEye()(targetOf("file", { path: "f", maxAge: "5m" }, { base }));
  expect(seen).toMatchObject({ status: "critical", message: "f has not been written for 7m (at most 5m)" });
  expect(seen.findings).toMatchObject([{ symptom: "file.stale", fact: false }]);
});

test("a file from the future is a finding, not fresh", async () => {
  const base = scratch();
  aged(join(base, "f"), -3_600);
  const seen = await makeEye()(targetOf("file", { path: "f" }, { base }));
  expect(seen.status).toBe("warning");
  expect(seen.findings).toMatchObject([{ symptom: "file.stale", fact: false }]);
  expect(seen.message).toMatch(/^f was written 1h in the future/);
});

test("a file under minSize is small, and all that is wrong is said", async () => {
  const base = scratch();
  aged(join(base, "f"), 3_600, "abc");
  const seen = await makeEye()(
    targetOf("file", { path: "f", maxAge: "5m", minSize: "1kB", format: "json" }, { base }),
  );
  expect(seen.findings.map((finding) => finding.symptom)).toEqual([
    "file.stale",
    "file.small",
    "file.invalid",
  ]);
});

test("content is judged by its format", async () => {
  const base = scratch();
  const eye = makeEye();
  const judge = async (format: string, content: string | Buffer) => {
    writeFileSync(join(base, "f"), content);
    const { findings, message, status } = await eye(targetOf("file", { path: "f", format }, { base }));
    return status === "critical" ? `${findings[0]?.symptom}: ${message}` : status;
  };
  expect(await judge("json", '{"a": 1}')).toBe("ok");
  expect(await judge("json", '{"a": 1}\n{"password": "hunter2"}')).toMatch(
    /^file\.invalid: f is not valid JSON/,
  );
  expect(await judge("json", "hunter2")).not.toContain("hunter2");
  expect(await judge("json", "")).toBe("file.invalid: f is empty, which is not valid JSON");
  expect(await judge("json", Buffer.from([0x22, 0xff, 0x22]))).toBe("file.invalid: f is not valid UTF-8");
  expect(await judge("jsonl", '{"a": 1}\n\n{"b": 2}\n{"half a li')).toBe("ok");
  expect(await judge("jsonl", '{"a": 1}\n{"b": \n{}\n')).toBe("file.invalid: f line 2 is not valid JSON");
  expect(await judge("yaml", "a: 1\n---\nb: 2\n")).toBe("ok");
  expect(await judge("yaml", "a: [1\nb: 2\n")).toMatch(
    /^file\.invalid: f is not valid YAML at line \d+, column \d+$/,
  );
});

test("a json file too large to be read is unknown, while the end of a large jsonl is judged, outside of this process", async () => {
  const base = scratch();
  const eye = makeEye();
  const large = `${`{"a": "${"x".repeat(1_000)}"}\n`.repeat(20_000)}`;
  writeFileSync(join(base, "f"), large);
  const begun = process.cpuUsage();
  for (const line of large.trimEnd().split("\n")) JSON.parse(line);
  const parsed = process.cpuUsage(begun).user;
  const before = process.cpuUsage();
  expect(
    await eye(targetOf("file", { path: "f", format: "jsonl" }, { base, timeout: 20_000 })),
  ).toMatchObject({ status: "ok" });
  // It was another process that parsed it.
  expect(process.cpuUsage(before).user).toBeLessThan(Math.max(parsed, 100_000));
  const seen = await eye(
    targetOf("file", { path: "f", format: "json" }, { base, id: "other", timeout: 20_000 }),
  );
  expect(seen).toMatchObject({ status: "unknown", message: "f is larger than the 16 MiB that are read" });
});

test("a pipe is not read, and a folder has no content and no size", async () => {
  const base = scratch();
  const made = run(["mkfifo", join(base, "pipe")]);
  await until(() => made.exitCode !== null, { what: "mkfifo ends" });
  mkdirSync(join(base, "folder"));
  const eye = makeEye();
  for (const path of ["pipe", "folder"]) {
    const seen = await eye(targetOf("file", { path, format: "json" }, { base, id: path }));
    expect(seen.findings).toMatchObject([
      { symptom: "file.invalid", message: `${path} is not a regular file` },
    ]);
  }
  expect((await eye(targetOf("file", { path: "folder", minSize: 1 }, { base }))).findings).toMatchObject([
    { symptom: "file.invalid" },
  ]);
  expect((await eye(targetOf("file", { path: "folder" }, { base }))).status).toBe("ok");
});

test("a file that does not grow is stale after that time, and growth or rotation makes it well", async () => {
  const base = scratch();
  const path = join(base, "log");
  writeFileSync(path, "one\n");
  const eye = makeEye();
  const target = targetOf("file", { path: "log", grows: "50ms" }, { base });
  const status = async () => (await eye(target)).status;
  expect(await status()).toBe("ok");
  await until(async () => (await eye(target)).findings[0]?.symptom === "file.stale", { what: "it is stale" });
  writeFileSync(path, "one\ntwo\n");
  expect(await status()).toBe("ok");
  await until(async () => (await status()) === "critical", { what: "it is stale again" });
  truncateSync(path, 1);
  expect(await status()).toBe("ok");
  await until(async () => (await status()) === "critical", { what: "it is stale once more" });
  rmSync(path);
  expect((await eye(target)).findings[0]?.symptom).toBe("file.missing");
});

test("a missing file is created if that is declared, else its producer is asked; the rest is the producer's", () => {
  const ladder = (written: object) => {
    const kind = kindOf("file");
    return kind?.defaultLadder(kind.schema.parse({ path: "f", ...written }));
  };
  const by = (missing: string[], others: string[]) => ({
    "file.missing": missing,
    "file.stale": others,
    "file.small": others,
    "file.invalid": others,
  });
  expect(ladder({})).toEqual(by([], []));
  expect(ladder({ producer: "p" })).toEqual(by(["producer"], ["producer"]));
  expect(ladder({ producer: "p", create: { content: "" } })).toEqual(by(["create"], ["producer"]));
});

test("the example: a missing file is made, a stale one asks for a heal of who writes it, and then both are ok", async () => {
  const base = scratch();
  const { targets } = await loadCopiedExample("file", base, { MAX_AGE: "1m" });
  const [signals, settings] = [targets.get("signals"), targets.get("settings")];
  if (signals === undefined || settings === undefined) throw new Error("the example has other targets");
  const [eye, rig] = [makeEye(), remedyRig()];
  expect((await eye(settings)).findings).toMatchObject([{ symptom: "file.missing" }]);
  expect(settings.ladders.bySymptom["file.missing"]).toMatchObject([{ remedy: "create" }]);
  await rig.apply("create", settings);
  expect(await eye(settings)).toMatchObject({ status: "ok" });
  expect(readFileSync(join(base, "settings.json"), "utf8")).toBe("{}\n");

  aged(join(base, "signals.jsonl"), 120, '{"at":1}\n');
  expect((await eye(signals)).findings).toMatchObject([{ symptom: "file.stale" }]);
  const asked = await rig.apply("producer", signals);
  expect(asked.followUps).toMatchObject([{ type: "heal", target: "engine" }]);
  const engine = targets.get("engine");
  if (engine === undefined) throw new Error("the example has no engine");
  await rig.processes.start(engine);
  await until(async () => (await eye(signals)).status === "ok", { what: "the engine writes" });
});
