import {
  chmodSync,
  chownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { replaceFile } from "../../src/system/replace-file.ts";
import { loadCopiedExample } from "../support/copied-example.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";

const isRoot = process.geteuid?.() === 0;
const fields = { port: { type: "integer", min: 1, default: 80 }, "log.level": { default: "info" } };

function bench(name: string, text: string, wanted: object = fields) {
  const base = scratch();
  const path = join(base, name);
  writeFileSync(path, text);
  return {
    base,
    path,
    rig: remedyRig(),
    target: targetOf("config", { path: name, fields: wanted }, { base }),
  };
}

test("the example: what is wrong gets its default, byte for byte nothing else changes, and the look is ok", async () => {
  const base = scratch();
  const target = (await loadCopiedExample("config", base)).targets.get("settings");
  if (target === undefined) throw new Error("the example has no target settings");
  expect(target.ladders.bySymptom).toMatchObject({
    "config.field": [{ remedy: "patch" }],
    "config.syntax": [],
    "config.missing": [],
  });
  const text = '{\n   "server": {"port": 80},\n   "symbols": [ "BTC" ],\n   "mode": "live"\n}\n';
  const path = join(base, "settings.json");
  writeFileSync(path, text);
  const eye = makeEye();
  expect((await eye(target)).findings.map(({ symptom }) => symptom)).toEqual([
    "config.range",
    "config.field",
  ]);
  await remedyRig().apply("patch", target);
  expect(readFileSync(path, "utf8")).toBe(text.replace("80", '8080, "host": "127.0.0.1"'));
  expect((await eye(target)).status).toBe("ok");
});

test("the file is backed up first, keeps mode and owner, and a link stays one", async () => {
  const { base, path, rig } = bench("real.yaml", "# ours\nport: 0 # low\n");
  chmodSync(path, 0o640);
  if (isRoot) chownSync(path, 1234, 1235);
  const before = statSync(path);
  symlinkSync("real.yaml", join(base, "c.yaml"));
  const target = targetOf("config", { path: "c.yaml", fields }, { base });
  const { said, details } = await rig.apply("patch", target);
  expect(said).toEqual([
    `copy ${path} to a backup beside it, with the time in its name`,
    `set in ${path}: port = 80, log.level = "info"`,
  ]);
  expect(readFileSync(path, "utf8")).toBe("# ours\nport: 80 # low\nlog:\n  level: info\n");
  expect(lstatSync(join(base, "c.yaml")).isSymbolicLink()).toBe(true);
  const backup = String(details?.backup);
  expect(readFileSync(backup, "utf8")).toBe("# ours\nport: 0 # low\n");
  for (const { mode, uid, gid } of [statSync(path), statSync(backup)])
    expect({ mode, uid, gid }).toEqual({ mode: before.mode, uid: before.uid, gid: before.gid });

  expect((await rig.apply("patch", target)).said).toEqual([
    `${join(base, "c.yaml")} is as wanted: leave it as it is`,
  ]);
  writeFileSync(path, "# ours\nport: 0 # low\n");
  expect((await rig.apply("patch", target)).details).toMatchObject({ backup });
  expect(
    readdirSync(base)
      .filter((name) => !name.endsWith(".bak"))
      .sort(),
  ).toEqual(["c.yaml", "real.yaml"]);
});

test("a missing file is made of the defaults, and not when one has none", async () => {
  const { base, rig } = bench("other", "");
  await rig.apply("patch", targetOf("config", { path: "new/c.toml", fields }, { base }));
  expect(readFileSync(join(base, "new/c.toml"), "utf8")).toBe('port = 80\n\n[log]\nlevel = "info"\n');
  const half = targetOf("config", { path: "c.json", fields: { ...fields, key: {} } }, { base });
  await expect(rig.plan("patch", half)).rejects.toThrow(
    "nothing was changed: key is missing and has no default",
  );
  expect(readdirSync(base).sort()).toEqual(["new", "other"]);
});

test("nothing is written when a syntax error, a field without default, or the way it is written forbids it", async () => {
  const cases: [string, string, object, string][] = [
    ["c.json", '{"port": }', fields, "is not valid JSON: that is never repaired"],
    ["c.json", "", fields, "is empty"],
    ["c.json", '{"port": 0}', { port: { min: 1, default: 1 }, key: {} }, "key is missing and has no default"],
    [
      "c.yaml",
      "a: &x { port: 0 }\nb: *x\nlog: { level: a }\n",
      { "b.port": { min: 1, default: 1 } },
      "set by hand: b.port = 1",
    ],
    ["c.toml", "log = { file = 1 }\nport = 1\n", fields, 'set by hand: log.level = "info"'],
  ];
  for (const [name, text, wanted, said] of cases) {
    const { base, path, rig, target } = bench(name, text, wanted);
    await expect(rig.apply("patch", target)).rejects.toThrow(said);
    expect(readFileSync(path, "utf8")).toBe(text);
    expect(readdirSync(base)).toEqual([name]);
  }
});

test("a file that somebody else wrote meanwhile is left as it is", () => {
  const { base, path } = bench("c.json", "theirs");
  const change = { from: Buffer.from("before"), to: Buffer.from("after") };
  expect(() => replaceFile(path, change)).toThrow("was written by somebody else meanwhile");
  expect(readFileSync(path, "utf8")).toBe("theirs");
  expect(readdirSync(base)).toEqual(["c.json"]);
});

test.runIf(isRoot)("as root nothing is written through a link of another user", async () => {
  const { base, rig } = bench("real.json", "{}");
  mkdirSync(join(base, "home"));
  symlinkSync("..", join(base, "home/conf"));
  const target = targetOf("config", { path: "home/conf/real.json", fields }, { base });
  expect(await rig.plan("patch", target)).toHaveLength(2);
  lchownSync(join(base, "home/conf"), 1234, 1234);
  await expect(rig.apply("patch", target)).rejects.toThrow("link of somebody else");
  expect(readFileSync(join(base, "real.json"), "utf8")).toBe("{}");
});
