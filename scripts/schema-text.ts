import { durationPattern } from "../src/lib/duration.ts";
import { idPattern } from "../src/lib/fields.ts";
import { sizePattern } from "../src/lib/size.ts";

/** The parts of a JSON Schema that the reference reads. */
export interface Schema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly pattern?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: Schema | boolean;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly anyOf?: readonly Schema[];
  readonly $ref?: string;
}

const sharePattern = /%\$$/;

/** The branches of a schema without the one that lets `${VAR}` stand for the value. */
export function branchesOf(schema: Schema): Schema[] {
  if (schema.anyOf === undefined) return [schema];
  return schema.anyOf.filter(({ $ref }) => $ref === undefined).flatMap(branchesOf);
}

/** What a field takes, in few words: `duration`, `auto, dry-run or observe`, `list of text`. */
export function takes(schema: Schema): string {
  const said = [...new Set(branchesOf(schema).map(one))];
  return said.join(" or ");
}

function one(schema: Schema): string {
  if (schema.const !== undefined) return `\`${String(schema.const)}\``;
  if (schema.enum !== undefined) return schema.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (schema.type === "string") return text(schema.pattern);
  if (schema.type === "integer") return number("whole number", schema);
  if (schema.type === "number") return number("number", schema);
  if (schema.type === "boolean") return "`true`, `false`";
  if (schema.type === "array")
    return `list of ${schema.items === undefined ? "anything" : takes(schema.items)}`;
  return "map";
}

/** The patterns that `src/lib/fields.ts` gives to its fields have names. */
function text(pattern: string | undefined): string {
  if (pattern === durationPattern.source) return "duration";
  if (pattern === sizePattern.source) return "size";
  if (pattern === idPattern.source) return "name";
  return pattern !== undefined && sharePattern.test(pattern) ? "share" : "text";
}

function number(name: string, { minimum, maximum }: Schema): string {
  const open = maximum === undefined || maximum === Number.MAX_SAFE_INTEGER;
  if (minimum === undefined) return name;
  return open ? `${name} from ${minimum}` : `${name} ${minimum}–${maximum}`;
}

/** The meaning without its "(default …)", and the default on its own; empty when there is none. */
export function meaningOf(schema: Schema): { meaning: string; fallback: string } {
  const { description = "" } = schema;
  const found = /\s*\(default:? ([^()]*)\)|\s*Default: (.+?)\.(?=\s|$)/.exec(description);
  const meaning = found === null ? description : description.replace(found[0], "").trim();
  const plain = schema.default;
  const shown = plain === undefined || typeof plain === "object" ? "" : String(plain);
  return { meaning, fallback: found?.[1] ?? found?.[2] ?? shown };
}
