import * as z from "zod";
import type { AnyRemedy } from "../src/model/remedy.ts";
import { cell, keyTable, rowOf, rowsOf, table } from "./schema-table.ts";
import type { Schema } from "./schema-text.ts";

const said = "What may be written after a remedy's name, as in `{ exec: [./fix.sh], tries: 2 }`:\n";

/** What these remedies do, and what may be written after their names. */
export function remedyTables(remedies: readonly AnyRemedy[]): string[] {
  const rows = remedies.map(({ remedy, summary }) => rowOf([`\`${remedy}\``, cell(summary)]));
  const parameters = remedies.flatMap(parameterRows);
  return [
    table(["remedy", "what it does"], rows),
    ...(parameters.length === 0 ? [] : [said, keyTable(parameters)]),
  ];
}

function parameterRows({ remedy, schema }: AnyRemedy): string[] {
  // JSON Schema's own type allows more than is read here.
  const parameters = z.toJSONSchema(schema, {
    io: "input",
    unrepresentable: "any",
    reused: "inline",
  }) as Schema;
  return rowsOf({ properties: { [remedy]: parameters } }).filter((row) => !row.includes("| map |  |  |"));
}
