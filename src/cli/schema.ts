import { jsonSchema } from "../config/json-schema.ts";
import { registries } from "../config/registries.ts";
import { exitCodes } from "../model/errors.ts";
import type { CommandContext } from "./context.ts";

/** `healq schema`: the JSON Schema of the config, always JSON. */
export async function runSchema({ terminal, json }: CommandContext): Promise<number> {
  const schema = jsonSchema(registries);
  if (json) terminal.json(schema);
  else terminal.out(`${JSON.stringify(schema, null, 2)}\n`);
  return exitCodes.ok;
}
