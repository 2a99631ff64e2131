// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the variables of a config look like this.
import { expect, it } from "vitest";
import { type JsonSchema, jsonSchema } from "../../src/config/json-schema.ts";
import { topLevel } from "../../src/config/sections.ts";
import { testRegistries } from "./registries.ts";

const schema = jsonSchema(testRegistries);

/** What stands at a path of the schema. */
function at(...path: (string | number)[]): JsonSchema {
  let here: unknown = schema;
  for (const key of path) here = Object(here)[key];
  expect(here, path.join(".")).toBeTypeOf("object");
  return Object(here);
}

it("names every key of the file and refuses others", () => {
  expect(Object.keys(at("properties")).sort()).toEqual([...topLevel].sort());
  expect(schema.additionalProperties).toBe(false);
  expect(schema.$schema).toBe("http://json-schema.org/draft-07/schema#");
});

it("has one form of target for each kind, with the kind's own fields and those of all", () => {
  const kinds = at("properties", "targets", "additionalProperties", "anyOf");
  expect(Object.values(kinds).map((kind) => Object(kind).properties.kind.const)).toEqual([
    "process",
    "file",
    "http",
  ]);
  const http = at("properties", "targets", "additionalProperties", "anyOf", 2);
  expect(Object.keys(Object(http.properties))).toEqual(
    expect.arrayContaining(["url", "expect", "every", "needs", "heal", "on"]),
  );
  expect(http.required).toEqual(["kind", "url"]);
  expect(http.additionalProperties).toBe(false);
});

it("lets a variable stand for any number, choice or duration", () => {
  const port = at("properties", "web", "properties", "port");
  expect(port).toMatchObject({
    default: 3210,
    anyOf: [{ type: "integer" }, { $ref: "#/definitions/variable" }],
  });
  expect(at("properties", "defaults", "properties", "mode")).toMatchObject({
    anyOf: [{ enum: ["auto", "dry-run", "observe"] }, { $ref: "#/definitions/variable" }],
  });
  expect(new RegExp(String(at("definitions", "variable").pattern)).test("${A:-10s}")).toBe(true);
});

it("describes every field", () => {
  const bare: string[] = [];
  const visit = (node: unknown, path: string): void => {
    for (const [name, field] of Object.entries(Object(Object(node).properties))) {
      const here = `${path}.${name}`;
      const described = Object(field).description !== undefined || Object(field).const !== undefined;
      if (!described) bare.push(here);
      visit(field, here);
    }
  };
  visit({ properties: at("properties") }, "");
  expect(bare).toEqual([]);
});

it("offers the remedies as bare names and with their parameters", () => {
  const rung = at(
    "properties",
    "targets",
    "additionalProperties",
    "anyOf",
    0,
    "properties",
    "heal",
    "anyOf",
    0,
    "items",
  );
  const text = JSON.stringify(rung);
  for (const { remedy } of testRegistries.remedies) expect(text).toContain(`"${remedy}"`);
});
