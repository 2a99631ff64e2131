import { chmodSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { kindOf } from "../../src/checks/registry.ts";
import { makeEye, targetOf } from "../support/look.ts";
import { scratch } from "../support/scratch.ts";

/** Looks at texts, one after the other, with one eye: one helper process serves them all. */
function reader(): (name: string, text: string | Buffer, fields: object) => Promise<[string, ...string[]]> {
  const [base, eye] = [scratch(), makeEye()];
  return async (name, text, fields) => {
    writeFileSync(join(base, name), text);
    const seen = await eye(targetOf("config", { path: name, fields }, { base }));
    return [seen.status, ...seen.findings.map(({ symptom, message }) => `${symptom} ${message}`)];
  };
}

test("fields are looked at by path in JSON, YAML and TOML", async () => {
  const read = reader();
  const fields = {
    "server.port": { type: "integer", min: 1024, max: 65_535 },
    "names.1": { type: "string", pattern: "^[a-z]+$" },
    "odd\\.name": { type: "boolean" },
    mode: { oneOf: ["paper", "live"], optional: true },
  };
  const json = { server: { port: 8080 }, names: ["a", "bc"], "odd.name": true };
  expect(await read("c.json", JSON.stringify(json), fields)).toEqual(["ok"]);
  expect(
    await read("c.yml", "base: &b { port: 2000 }\nserver:\n  <<: *b\nnames: [a, b]\nodd.name: off\n", fields),
  ).toEqual(["ok"]);
  expect(
    await read("c.toml", 'names = ["a", "b"]\n"odd.name" = true\n[server]\nport = 2000\n', fields),
  ).toEqual(["ok"]);

  const wrong = { server: { port: 80 }, names: ["a", "B1"], "odd.name": "off", mode: "dead" };
  expect(
    await read("c.json", JSON.stringify(wrong), { ...fields, "odd\\.name": { type: "integer" } }),
  ).toEqual([
    "critical",
    "config.range c.json: server.port is 80 (at least 1024)",
    "config.range c.json: names.1 does not match ^[a-z]+$",
    "config.field c.json: odd\\.name is a string, not an integer",
    "config.range c.json: mode is dead, not one of paper, live",
  ]);
});

test("missing, empty and of another type are told apart, and strings are not shown", async () => {
  const read = reader();
  const fields = {
    a: { type: "number" },
    b: {},
    "c.d": { type: "string" },
    e: { type: "list" },
    f: { max: 5 },
    toString: { optional: true, type: "map" },
  };
  expect(await read("c.yaml", "a: hunter22\nb: ~\nc: { d: 1.5 }\ne: { x: 1 }\nf: 6\n", fields)).toEqual([
    "critical",
    "config.field c.yaml: a is a string, not a number",
    "config.field c.yaml: b is empty",
    "config.field c.yaml: c.d is the number 1.5, not a string",
    "config.field c.yaml: e is a map, not a list",
    "config.range c.yaml: f is 6 (at most 5)",
  ]);
  expect(
    (await read("c.toml", "c = 1\na = 2024-01-01\n", { "c.d": {}, a: { type: "string" } })).slice(1),
  ).toEqual(["config.field c.toml: c.d is missing", "config.field c.toml: a is a date, not a string"]);
});

test("what does not parse is a syntax error with its place, and never shows its text", async () => {
  const read = reader();
  const cases: [string, string | Buffer, string][] = [
    ["c.json", '{\n"a": "hunter22",}', "is not valid JSON at line 2"],
    ["c.json", "", "is empty, which is not valid JSON"],
    ["c.json", "[1]", "is no map of fields"],
    ["c.yaml", "# nothing\n", "is empty"],
    ["c.yaml", "a: [hunter22\n", "is not valid YAML at line"],
    ["c.yaml", "a: 1\n---\na: 2\n", "holds more than one YAML document"],
    ["c.toml", "a = 1\nb = hunter22\n", "is not valid TOML at line 2"],
    ["c.json", Buffer.from([0x7b, 0xff, 0x7d]), "is not valid UTF-8"],
  ];
  for (const [name, text, said] of cases) {
    const seen = await read(name, text, { a: {} });
    expect(seen[0]).toBe("critical");
    expect(seen[1]).toContain(`config.syntax ${name} ${said}`);
    expect(seen.join()).not.toContain("hunter22");
  }
});

test("a file that is missing is a fact; a change of the same size is seen", async () => {
  const [base, eye] = [scratch(), makeEye()];
  const target = targetOf("config", { path: "c.json", fields: { a: { max: 1 } } }, { base });
  expect((await eye(target)).findings).toMatchObject([{ symptom: "config.missing", fact: true }]);
  for (const [text, status] of [
    ['{"a":1}', "ok"],
    ['{"a":2}', "critical"],
    ['{"a":0}', "ok"],
  ] as const) {
    writeFileSync(join(base, "c.json"), text);
    expect((await eye(target)).status).toBe(status);
  }
  if (process.geteuid?.() === 0) return;
  chmodSync(join(base, "c.json"), 0o000);
  expect(await eye(target)).toMatchObject({ status: "unknown", message: expect.stringContaining("EACCES") });
});

test("rules that cannot be right are told, and a default must obey its own field", () => {
  const problems = (fields: object, path = "c.json") => {
    const kind = kindOf("config");
    return kind?.problems?.(kind.schema.parse({ path, fields })).map(({ message }) => message);
  };
  expect(problems({ a: { min: 2, max: 1 } })).toEqual(["is greater than max (1)"]);
  expect(problems({ "a..b": {} })).toEqual(["is no path of names; write server.port"]);
  expect(problems({ a: { type: "integer", default: "80" } })).toEqual([
    "is wrong by the field's own rules: it is a string, not an integer",
  ]);
  expect(problems({ a: { type: "map", default: 1 } })?.[0]).toContain("cannot be given for a map");
  expect(problems({ a: {} }, "c.conf")?.[0]).toContain("must be said");
  expect(problems({ a: { max: 5, default: 5 } })).toEqual([]);
});
