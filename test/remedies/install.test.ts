import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Finding } from "../../src/model/finding.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { makeTarball, makeVenv, makeWheel } from "../support/packages.ts";
import { remedyRig } from "../support/remedy-rig.ts";
import { scratch } from "../support/scratch.ts";

/** What a look at a log has found. */
function told(symptom: string, ...captures: Record<string, string>[]): Finding {
  return { symptom, severity: "critical", fact: false, message: "it was told", evidence: { captures } };
}

/** Applies a remedy to a log of that folder. */
function cureLog(remedy: string, base: string, written: object, finding: Finding) {
  const target = targetOf("log", { path: "app.log", preset: ["python", "node"], ...written }, { base });
  return remedyRig({ finding }).apply(remedy, target);
}

test("pip installs what requires wants into its own environment, by the name that the list has for the module", async () => {
  const base = scratch();
  makeVenv(base);
  makeWheel(base, { module: "yamlish", name: "PyYamlish" });
  const python = {
    modules: ["yamlish", "json"],
    interpreter: "venv/bin/python",
    args: ["--no-index", "--find-links", "wheels"],
  };
  const allow = { install: { python: { yamlish: "PyYamlish==1.0" } } };
  const target = targetOf("requires", { python, allow }, { base, timeout: 10_000 });
  const eye = makeEye();
  const { findings } = await eye(target);
  expect(findings).toMatchObject([
    { symptom: "requires.module", evidence: { python: ["yamlish"], npm: [] } },
  ]);
  const [finding] = findings;
  if (finding === undefined) throw new Error("unreachable");
  const { said, details } = await remedyRig({ finding }).apply("install", target);
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/^run venv\/bin\/python -m pip install .*at most 5m$/);
  expect(details).toMatchObject({ pip: ["PyYamlish==1.0"] });
  expect(await eye(target)).toMatchObject({ status: "ok" });
});

test("npm installs a tarball, runs no script of it, leaves package.json, and takes away nothing that it installed before", async () => {
  const base = scratch();
  for (const name of ["left", "right"]) makeTarball(base, name);
  mkdirSync(join(base, "app"));
  const written = '{"name":"app","version":"1.0.0"}';
  writeFileSync(join(base, "app/package.json"), written);
  const fields = {
    node: { from: "app", args: ["--offline"] },
    allow: { install: { node: { left: "file:left-1.0.0.tgz", right: "file:right-1.0.0.tgz" } } },
  };
  const { details } = await cureLog("install", base, fields, told("log.missing-module", { npm: "left" }));
  expect(details).toMatchObject({ npm: [`file:${base}/left-1.0.0.tgz`] });
  expect(existsSync(join(base, "app/node_modules/right"))).toBe(false);
  await cureLog("install", base, fields, told("log.missing-module", { npm: "right" }));
  for (const name of ["left", "right"])
    expect(existsSync(join(base, "app/node_modules", name, "package.json"))).toBe(true);
  expect(readFileSync(join(base, "app/package.json"), "utf8")).toBe(written);
  expect(existsSync(join(base, "script-ran"))).toBe(false);
});

test("a name that is not in the list is never installed, however a log writes it", async () => {
  const base = scratch();
  const fields = { allow: { install: { python: ["requests==2.32.3"], node: ["express"] } } };
  for (const one of [
    { python: "evil" },
    { python: "requests2" },
    { npm: "--global" },
    { npm: "constructor" },
  ]) {
    const name = Object.values(one)[0];
    await expect(cureLog("install", base, fields, told("log.missing-module", one))).rejects.toThrow(
      `not in allow.install, so not installed: ${name}`,
    );
  }
  const bare = targetOf("log", { path: "a", preset: "node" }, { base });
  expect(remedyOf("install")?.misfit?.(bare, {})).toContain("install needs the names");
});

test("a failed installer says why", async () => {
  const base = scratch();
  makeVenv(base);
  const fields = {
    python: { interpreter: "venv/bin/python", args: ["--no-index"] },
    allow: { install: { python: ["gone"] } },
  };
  await expect(
    cureLog("install", base, fields, told("log.missing-module", { python: "gone.inside" })),
  ).rejects.toThrow(/exited with code 1: .*No matching distribution found for gone/);
});

test("mkdir makes the folder that a line names, below the allowed ones only; a line that names another keeps nothing from being made", async () => {
  const base = scratch();
  mkdirSync(join(base, "app/data"), { recursive: true });
  const fields = { cwd: "app", allow: { mkdir: ["app/data"] } };
  const lines = [
    { path: "data/out/x.json" },
    { path: "/healq-never/x.json" },
    { path: "data/in" },
    { path: "data/y.json" },
  ];
  await cureLog("mkdir", base, fields, told("log.missing-path", ...lines));
  expect(existsSync(join(base, "app/data/out"))).toBe(true);
  expect(existsSync(join(base, "app/data/in"))).toBe(true);
  expect(existsSync(join(base, "app/data/y.json"))).toBe(false);
  for (const path of ["/healq-never/x.json", "../../other/x.json", "data/../../x/y.json"])
    await expect(cureLog("mkdir", base, fields, told("log.missing-path", { path }))).rejects.toThrow(
      "is in none of the folders of allow.mkdir",
    );
});

test("create makes declared files that a line names, and no other", async () => {
  const base = scratch();
  const fields = { allow: { create: { "state/a.json": "{}", "state/b.json": "[]" } } };
  const lines = [{ path: "state/../state/a.json" }, { path: "state/c.json" }];
  await cureLog("create", base, fields, told("log.missing-path", ...lines));
  expect(readFileSync(join(base, "state/a.json"), "utf8")).toBe("{}");
  expect(existsSync(join(base, "state/b.json"))).toBe(false);
  expect(existsSync(join(base, "state/c.json"))).toBe(false);
});
