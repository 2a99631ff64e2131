import { expect, test } from "vitest";
import { editConfig, newConfig } from "../../src/system/config-edit.ts";
import type { ConfigValue } from "../../src/system/config-value.ts";

/** The text after those fields were set, or the problem. */
async function edited(
  format: "json" | "yaml" | "toml",
  text: string,
  fields: Readonly<Record<string, ConfigValue>>,
): Promise<string> {
  const edits = Object.entries(fields).map(([field, value]) => ({ names: field.split("."), value }));
  const result = await editConfig(text, format, edits);
  return "problem" in result ? `problem: ${result.problem}` : result.text;
}

const refused = "problem: is written in a way that cannot be edited without changing more than that";

test("YAML keeps comments, order, indentation and line ends", async () => {
  const text = [
    "# ours",
    "server:   # where",
    "    port:   0     # low",
    "    names: [a,   b]",
    "mode: 'dead'",
    "big: |",
    "  two",
    "  lines",
    "",
  ].join("\n");
  expect(await edited("yaml", text, { "server.port": 80, mode: "paper", "server.host": "::1" })).toBe(
    text.replace("0     #", "80     #").replace("'dead'", "paper").replace("b]\n", 'b]\n    host: "::1"\n'),
  );
  expect(await edited("yaml", text, { big: "yes", "log.level": "info", "server.names.1": "c" })).toBe(
    `${text.replace("|\n  two\n  lines", '"yes"').replace("b]", "c]")}log:\n  level: info\n`,
  );
  expect(await edited("yaml", "a: 1\r\nb: 2\r\n", { a: 3, c: [1, "x"] })).toBe(
    "a: 3\r\nb: 2\r\nc: [1, x]\r\n",
  );
  expect(await edited("yaml", "a: 1", { b: true })).toBe("a: 1\nb: true\n");
  expect(await edited("yaml", "a:\nb: {}\nc: { d: 1 }\n", { a: 1, "b.x": 2, "c.e": 3 })).toBe(
    "a: 1\nb: { x: 2 }\nc: { d: 1, e: 3 }\n",
  );
  expect(await edited("yaml", "a:\n  b: 1\n  # last of a\n\n# of c\nc: 2\n", { "a.x.z": 3 })).toBe(
    "a:\n  b: 1\n  x:\n    z: 3\n  # last of a\n\n# of c\nc: 2\n",
  );
});

test("YAML whose meaning would change elsewhere is refused", async () => {
  expect(await edited("yaml", "a: &x { b: 1 }\nc: *x\n", { "c.b": 2 })).toBe(refused);
  expect(await edited("yaml", "a: &x 1\nc: *x\n", { a: 2 })).toBe(refused);
  expect(await edited("yaml", "a: 1\n", { "a.b": 2 })).toBe("problem: has no map or list at a");
  expect(await edited("yaml", "a: [1]\n", { "a.3": 2 })).toBe("problem: has no item 3 in a");
  expect(await edited("yaml", "? a\n: 1\n", { b: 2 })).toBe(refused);
});

test("JSON keeps its indentation, its numbers and its order", async () => {
  const text = '{\n\t"big": 12345678901234567890,\n\t"b": 1.0,\n\t"in": {\n\t\t"x": "a\\/b"\n\t}\n}\n';
  expect(await edited("json", text, { b: 2, "in.y": "no", c: false })).toBe(
    text.replace("1.0", "2").replace('b"\n\t}', 'b",\n\t\t"y": "no"\n\t},\n\t"c": false'),
  );
  expect(await edited("json", '{"a":1}', { "b.c": 2, a: "x" })).toBe('{"a":"x", "b": { "c": 2 }}');
  expect(await edited("json", "{}", { a: [] })).toBe('{ "a": [] }');
  expect(await edited("json", '{"a":1,"a":2}', { a: 3 })).toBe(refused);
});

test("TOML keeps its comments; values over several lines and inline tables are refused", async () => {
  const text =
    '# ours\ntitle = "x" # name\n\n# the server\n[server]\nport = 0 # low\n\n[server.tls]\non = true\n';
  expect(
    await edited("toml", text, { "server.port": 80, title: 'a "b"', debug: false, "server.host": "::1" }),
  ).toBe(
    text
      .replace('"x" # name\n', '"a \\"b\\"" # name\ndebug = false\n')
      .replace("0 # low\n", '80 # low\nhost = "::1"\n'),
  );
  expect(await edited("toml", "a.b = [1, 2]\r\n", { "a.b": ["c"], "d.e": 1 })).toBe(
    'a.b = ["c"]\r\n\r\n[d]\r\ne = 1\r\n',
  );
  expect(await edited("toml", "", { a: 1 })).toBe("a = 1\n");
  for (const odd of ['a = """\nb = 1\n"""\n', "a = [\n1,\n]\n", "s = { a = 1 }\n"])
    expect(await edited("toml", odd, { [odd.startsWith("s") ? "s.a" : "a"]: 2 })).toBe(refused);
  // A line of a text that looks like the field: it parses afterwards, but says something else.
  expect(await edited("toml", 't = """\na = 1\n"""\na = 2\n', { a: 3 })).toBe(refused);
});

test("a new file holds the fields in their order", async () => {
  const edits = [
    { names: ["a", "b"], value: 1 },
    { names: ["c"], value: "x y" },
  ];
  expect(await newConfig("json", edits)).toEqual({
    text: '{\n  "a": {\n    "b": 1\n  },\n  "c": "x y"\n}\n',
  });
  expect(await newConfig("yaml", edits)).toEqual({ text: "a:\n  b: 1\nc: x y\n" });
  expect(await newConfig("toml", edits)).toMatchObject({ text: expect.stringContaining('c = "x y"\n') });
  expect(await newConfig("json", [{ names: ["a", "0"], value: 1 }])).toEqual({ problem: "has no list at a" });
});
