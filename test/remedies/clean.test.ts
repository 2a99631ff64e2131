import { execFileSync } from "node:child_process";
import {
  chmodSync,
  closeSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { GuardClosed } from "../../src/model/errors.ts";
import type { Target } from "../../src/model/target.ts";
import { reasonToStay } from "../../src/remedies/clean-choose.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { run } from "../support/child.ts";
import { aged, bindMount, smallDisk } from "../support/disk.ts";
import { exampleTarget } from "../support/example.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";
import { until } from "../support/wait.ts";
import { serve } from "../support/web-server.ts";

/** A disk target that may clean away what matches in a folder. */
function target(folder: string, pattern: string, more: { rule?: object; disk?: object } = {}): Target {
  const rules = [{ path: join(folder, pattern), olderThan: "1d", keep: 0, ...more.rule }];
  return targetOf("disk", { path: folder, rules, ...more.disk }, { id: "data", base: folder });
}

/** A folder with old files. */
function folderWith(...names: readonly string[]): string {
  const folder = join(scratch(), "logs");
  mkdirSync(folder);
  for (const name of names) aged(join(folder, name), 9);
  return folder;
}

const remaining = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).sort();

/** Applies it, doing something right before the step whose line has that text. */
async function applyWith(of: Target, text: string, act: () => void) {
  const said: string[] = [];
  const step = (line: string) => {
    said.push(line);
    if (line.includes(text)) act();
  };
  const context = remedyRig().context(of, { step });
  const result = await remedyOf("clean")?.apply(context, {});
  return { ...result, said };
}

test("a disk that is really full is cleaned by its rules and nothing else, and the plan names the very files", async ({
  skip,
}) => {
  const disk = smallDisk("size=4m") ?? skip();
  const outside = scratch();
  aged(join(outside, "precious.log.1"), 90);
  const [logs, inner, bound] = ["logs", "logs/mounted", "logs/bound"].map((name) => join(disk, name)) as [
    string,
    string,
    string,
  ];
  for (const name of [logs, inner, bound, join(disk, "other"), join(logs, "deep")]) mkdirSync(name);
  // Days since the last write.
  const old = {
    "1.log.1": 20,
    "--rf .log.2": 19,
    "new\nline.log.3": 18,
    "deep/4.log.1": 17,
    "deep/5.log.2": 16,
  };
  for (const [name, days] of Object.entries(old)) aged(join(logs, name), days, 64 * 1024);
  const stay = ["young.log.1", "no-match.txt", ".hidden.log.1", "open.log.1", "twice.log.1"];
  for (const name of stay) aged(join(logs, name), name.startsWith("young") ? 0 : 30, 4_096);
  aged(join(disk, "other", "elsewhere.log.1"), 30);
  linkSync(join(logs, "twice.log.1"), join(disk, "other", "second-name"));
  symlinkSync(join(outside, "precious.log.1"), join(logs, "link.log.1"));
  symlinkSync(outside, join(logs, "linked-folder"));
  const fd = openSync(join(logs, "open.log.1"), "r");
  onTestFinished(() => closeSync(fd));
  if (smallDisk("size=1m", inner) === undefined || bindMount(join(disk, "other"), bound) === undefined)
    skip();
  aged(join(inner, "on-another-mount.log.1"), 30);
  for (const days of [50, 51, 52]) aged(join(logs, `keep-${days}.txt`), days, 64 * 1024);
  aged(join(disk, "filler"), 0, 3_490_000);

  const written = {
    path: disk,
    warning: "90%",
    rules: [
      { path: join(logs, "**/*.log.*"), olderThan: "7d", keep: 0 },
      { path: join(logs, "keep-*.txt"), olderThan: "7d", keep: 2 },
    ],
  };
  const it = targetOf("disk", written);
  const eye = makeEye();
  const before = await eye(it);
  expect(before.findings).toMatchObject([{ symptom: "disk.full" }]);
  expect(before.metrics.usedShare).toBeGreaterThanOrEqual(0.96);

  const rig = remedyRig();
  const plan = await rig.plan("clean", it);
  const gone = [join(logs, "keep-52.txt"), ...Object.keys(old).map((name) => join(logs, name))];
  const shown = (path: string) => (/[\n ]/.test(path) ? JSON.stringify(path) : path);
  expect(plan.map((line) => line.replace(/ \(.*/, ""))).toEqual(gone.map((path) => `delete ${shown(path)}`));
  expect(plan[0]).toMatch(/ \(66 kB, last written \d{4}-\d\d-\d\dT[\d:.]+Z\)$/);
  for (const path of gone) expect(existsSync(path)).toBe(true);

  const { said, details } = await rig.apply("clean", it);
  expect(said).toEqual(plan);
  expect(details).toMatchObject({ files: 6, bytes: 6 * 65_536, left: { open: 1, linked: 1, over: 0 } });
  for (const path of gone) expect(existsSync(path), path).toBe(false);
  for (const name of [...stay, "link.log.1", "keep-50.txt", "keep-51.txt", "linked-folder/precious.log.1"])
    expect(existsSync(join(logs, name)), name).toBe(true);
  expect(remaining(inner)).toEqual(["on-another-mount.log.1"]);
  expect(remaining(bound)).toEqual(["elsewhere.log.1", "second-name"]);
  expect(await eye(it)).toMatchObject({ status: "ok" });
  expect((await rig.apply("clean", it)).said[0]).toBe(
    "delete nothing: no file is as the rules want it; 1 open, 1 with other names",
  );
});

test("the newest of each folder stay, however old, and a file that one rule keeps is not deleted by another", async () => {
  const folder = folderWith();
  for (const name of ["a", "b"]) {
    mkdirSync(join(folder, name));
    for (const days of [10, 20, 30]) aged(join(folder, name, `${days}.dump`), days);
  }
  const rules = [
    { path: join(folder, "*/*.dump"), olderThan: "1d", keep: 2 },
    { path: join(folder, "a/20*"), olderThan: "1d", keep: 0 },
  ];
  await remedyRig().apply("clean", targetOf("disk", { path: folder, rules }));
  expect(remaining(folder)).toEqual(["a", "a/10.dump", "a/20.dump", "b", "b/10.dump", "b/20.dump"]);
});

test("a folder that becomes a link while it is cleaned leads nowhere", async () => {
  const folder = folderWith();
  const outside = folderWith("a.log", "b.log");
  mkdirSync(join(folder, "sub"));
  for (const name of ["a.log", "b.log", "c.log"]) aged(join(folder, "sub", name), name === "a.log" ? 20 : 9);
  const { details, said } = await applyWith(target(folder, "**/*.log"), "sub/b.log", () => {
    renameSync(join(folder, "sub"), join(folder, "moved"));
    symlinkSync(outside, join(folder, "sub"));
  });
  expect(said).toHaveLength(3);
  expect(details).toMatchObject({ files: 1 });
  expect(details?.notDeleted).toHaveLength(2);
  expect(remaining(outside)).toEqual(["a.log", "b.log"]);
  expect(remaining(join(folder, "moved"))).toEqual(["b.log", "c.log"]);
});

test("a root that becomes a link to a folder of the system is refused", async () => {
  const folder = scratch();
  symlinkSync("/etc", join(folder, "logs"));
  await expect(remedyRig().plan("clean", target(join(folder, "logs"), "*.log"))).rejects.toThrow(
    /does not clean .*logs, which is \/etc: it may not begin in \/etc/,
  );
});

test("a file that was written, replaced or opened meanwhile stays", async () => {
  const folder = folderWith("a.log", "b.log", "c.log");
  const { details } = await applyWith(target(folder, "*.log"), "a.log", () => {
    writeFileSync(join(folder, "b.log"), "y");
    renameSync(join(folder, "c.log"), join(folder, "c.old"));
    aged(join(folder, "c.log"), 9);
  });
  expect(details).toMatchObject({ files: 1 });
  expect(remaining(folder)).toEqual(["b.log", "c.log", "c.old"]);

  const archived = target(folder, "*.log", { disk: { archive: { run: ["sleep", "0"] } } });
  aged(join(folder, "b.log"), 9);
  let fd = -1;
  onTestFinished(() => closeSync(fd));
  const second = await applyWith(archived, "archive", () => {
    fd = openSync(join(folder, "b.log"), "r");
  });
  expect(second.details).toMatchObject({
    files: 1,
    notDeleted: [expect.stringContaining("opened meanwhile")],
  });
  expect(remaining(folder)).toEqual(["b.log", "c.old"]);
});

test("a program that runs from a file has it in use, though it has it not open", async () => {
  const folder = folderWith("b.log");
  copyFileSync("/bin/sleep", join(folder, "a.log"));
  chmodSync(join(folder, "a.log"), 0o755);
  utimesSync(join(folder, "a.log"), 1_000_000_000, 1_000_000_000);
  const { pid } = run([join(folder, "a.log"), "300"]);
  await until(() => readFileSync(`/proc/${pid}/maps`, "utf8").includes("/a.log"));
  await remedyRig().apply("clean", target(folder, "*.log"));
  expect(remaining(folder)).toEqual(["a.log"]);
});

test("where processes of others cannot be seen into, only files of healq's own user go", () => {
  const none = { has: () => false, unseen: 0 };
  const mine = { dev: 1n, ino: 1n, name: "a", links: 1, uid: process.geteuid?.() ?? -1 };
  const others = { ...mine, uid: mine.uid + 1 };
  expect([reasonToStay(mine, none), reasonToStay(others, none)]).toEqual([undefined, undefined]);
  const blind = { ...none, unseen: 3 };
  expect([reasonToStay(mine, blind), reasonToStay(others, blind)]).toEqual([undefined, "others"]);
});

test("no more than so many files and bytes go at once, and a file that is larger than that stays", async () => {
  const folder = folderWith();
  for (const [index, kilobytes] of [4, 4, 64, 4].entries())
    aged(join(folder, `${index}.log`), 20 - index, kilobytes * 1_024);
  const rig = remedyRig();
  await rig.apply("clean", target(folder, "*.log", { disk: { maxSize: 8_192 } }));
  expect(remaining(folder)).toEqual(["2.log", "3.log"]);
  const { details } = await rig.apply("clean", target(folder, "*.log", { disk: { maxFiles: 1 } }));
  expect(details).toMatchObject({ files: 1, left: { over: 1 } });
  expect(remaining(folder)).toEqual(["3.log"]);
});

test("everything is archived, with its content, before anything is deleted", async () => {
  const names = ["a.log", `${"long".repeat(40)}.log`, "grüße\n-x.log"];
  const folder = folderWith(...names);
  writeFileSync(join(folder, "a.log"), Buffer.alloc(100_001, "0123456789"));
  utimesSync(join(folder, "a.log"), 1_000_000_000, 1_000_000_000);
  const kept = join(scratch(), "kept", "deep");
  const it = target(folder, "*.log", { disk: { archive: { folder: kept } } });
  const rig = remedyRig();
  const plan = await rig.plan("clean", it);
  expect(plan[0]).toMatch(/^archive 3 files \(.*\) in a new \.tar\.gz in /);
  const { details, said } = await rig.apply("clean", it);
  expect(said).toEqual(plan);
  expect(remaining(folder)).toEqual([]);
  const [archive = ""] = remaining(kept);
  expect(details).toMatchObject({ files: 3, archive: join(kept, archive) });
  expect(archive).toMatch(/^data-\d{4}-.*Z\.tar\.gz$/);
  expect(statSync(join(kept, archive)).mode & 0o777).toBe(0o600);
  const out = scratch();
  execFileSync("tar", ["-xzf", join(kept, archive), "-C", out]);
  const unpacked = join(out, folder.slice(1));
  expect(remaining(unpacked)).toEqual([...names].sort());
  expect(readFileSync(join(unpacked, "a.log"), "utf8")).toBe(`${"0123456789".repeat(10_000)}0`);
  expect(statSync(join(unpacked, "a.log")).mtimeMs).toBe(1_000_000_000_000);
});

test("nothing is deleted when the archive fails: no room for it, a file that changes, a command that fails", async ({
  skip,
}) => {
  const disk = smallDisk("size=64k") ?? skip();
  const folder = folderWith("a.log", "b.log");
  writeFileSync(join(folder, "a.log"), execFileSync("head", ["-c", "200000", "/dev/urandom"]));
  utimesSync(join(folder, "a.log"), 1_000_000_000, 1_000_000_000);
  const failing = async (archive: object, text = "archive") => {
    const it = target(folder, "*.log", { disk: { archive } });
    await expect(
      applyWith(it, text, () => aged(join(folder, "b.log"), 9, archive && "folder" in archive ? 7 : 1)),
    ).rejects.toThrow(/^nothing was deleted, because it could not be archived: /);
    expect(remaining(folder)).toEqual(["a.log", "b.log"]);
  };
  await failing({ folder: disk }, "no such step");
  expect(remaining(disk)).toEqual([]);
  const kept = scratch();
  await failing({ folder: kept });
  expect(remaining(kept)).toEqual([]);
  await failing({ run: ["sh", "-c", "cat >/dev/null; exit 7"] });
});

test("a command gets the paths, each ended by a NUL, and knows the target", async () => {
  const folder = folderWith("a b.log", "new\nline.log");
  const got = join(scratch(), "got");
  const run = ["sh", "-c", 'cat >"$1"; echo "for $HEALQ_TARGET"', "upload", got];
  const it = target(folder, "*.log", { disk: { archive: { run } } });
  const { details } = await remedyRig().apply("clean", it);
  expect(details).toMatchObject({ files: 2, output: ["for data"] });
  const paths = readFileSync(got, "utf8").split("\0");
  expect(paths.sort()).toEqual(["", join(folder, "a b.log"), join(folder, "new\nline.log")]);
});

test("an upload has all of it before anything is deleted; a server that refuses keeps the files", async () => {
  const folder = folderWith("a.log", "b\n-c.log");
  const sent: { name: string; text: string; there: number }[] = [];
  let status = 507;
  const { url } = await serve(async (request, response) => {
    const text = Buffer.concat(await request.toArray()).toString();
    const name = decodeURIComponent(request.url ?? "");
    sent.push({ name, text, there: remaining(folder).length });
    response.writeHead(sent.length < 2 ? 201 : status).end();
  });
  const upload = `
    const { readFileSync } = require("node:fs");
    const paths = readFileSync(0, "utf8").split("\\0").filter(Boolean);
    (async () => {
      for (const path of paths) {
        const sent = await fetch(process.argv[1] + "/" + encodeURIComponent(path), { method: "PUT", body: readFileSync(path) });
        if (!sent.ok) throw new Error("the server answered " + sent.status);
      }
    })().catch((error) => { console.error(error.message); process.exit(1); });`;
  const it = target(folder, "*.log", { disk: { archive: { run: [process.execPath, "-e", upload, url] } } });
  await expect(remedyRig().apply("clean", it)).rejects.toThrow(
    /^nothing was deleted, because it could not be archived: .*the server answered 507/s,
  );
  expect(remaining(folder)).toEqual(["a.log", "b\n-c.log"]);
  [status, sent.length] = [201, 0];
  const { details } = await remedyRig().apply("clean", it);
  expect(details).toMatchObject({ files: 2 });
  expect(sent.map(({ name, text, there }) => [name.slice(1), text, there]).sort()).toEqual([
    [join(folder, "a.log"), "x", 2],
    [join(folder, "b\n-c.log"), "x", 2],
  ]);
  expect(remaining(folder)).toEqual([]);
});

test("a person's stop ends it after the archive, and an abort between two files", async () => {
  const folder = folderWith("a.log", "b.log");
  const it = target(folder, "*.log", { disk: { archive: { folder: scratch() } } });
  const rig = remedyRig();
  const mayGoOn = async () => {
    throw new GuardClosed("paused by a person");
  };
  await expect(remedyOf("clean")?.apply(rig.context(it, { mayGoOn }), {})).rejects.toThrow(
    "paused by a person",
  );
  expect(remaining(folder)).toEqual(["a.log", "b.log"]);
  const controller = new AbortController();
  const step = (line: string) => {
    if (line.includes("a.log")) controller.abort(new Error("cancelled"));
  };
  const context = rig.context(target(folder, "*.log"), { step, signal: controller.signal });
  await expect(remedyOf("clean")?.apply(context, {})).rejects.toThrow("cancelled");
  expect(remaining(folder)).toEqual(["b.log"]);
});

test("without rules it does not fit", () => {
  expect(remedyOf("clean")?.misfit?.(targetOf("disk", { path: "/" }), {})).toMatch(/^clean needs to be told/);
});

test("the example finds its disk full, archives, cleans, and is well", async ({ skip }) => {
  const disk = smallDisk("size=4m") ?? skip();
  const archive = scratch();
  const it = await exampleTarget("disk", { DATA: disk, ARCHIVE: archive });
  expect(it.ladders.any.map(({ remedy }) => remedy)).toEqual(["clean", "alert"]);
  for (const days of [1, 8, 9, 10, 11, 12]) aged(join(disk, `app.log.${days}`), days, 680_000);
  const eye = makeEye();
  expect(await eye(it)).toMatchObject({ findings: [{ symptom: "disk.full" }] });
  await remedyRig().apply("clean", it);
  expect(remaining(disk)).toEqual(["app.log.1", "app.log.8", "app.log.9"]);
  expect(remaining(archive)).toHaveLength(1);
  expect(await eye(it)).toMatchObject({ status: "ok" });
});
