import { jsonSchema } from "../src/config/json-schema.ts";
import { registries } from "../src/config/registries.ts";
import { overridable, targetOnly } from "../src/config/target-fields.ts";
import { branchesOf, type Schema } from "./schema-text.ts";

/** The schema of the whole file. */
export function fileSchema(): Schema {
  // The schema is plain JSON; `jsonSchema` types it no further.
  return jsonSchema(registries) as Schema;
}

/** The schemas of the targets, one a kind, in the order of the registry. */
export function targetSchemas(): Schema[] {
  const targets = fileSchema().properties?.targets;
  return typeof targets?.additionalProperties === "object" ? branchesOf(targets.additionalProperties) : [];
}

/** A kind's own fields: those that not every target has. */
export function ownFields(kind: string): Schema {
  const index = registries.kinds.findIndex((each) => each.kind === kind);
  const { properties = {}, required = [] } = targetSchemas()[index] ?? {};
  const common = new Set(["kind", "heal", ...Object.keys(targetOnly), ...Object.keys(overridable)]);
  const own = Object.entries(properties).filter(([name]) => !common.has(name));
  return { properties: Object.fromEntries(own), required };
}
