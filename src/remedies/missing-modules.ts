import * as z from "zod";
import { installField } from "../checks/install-field.ts";
import type { RemedyContext } from "../model/remedy.ts";
import { captured } from "./captured.ts";

/** Missing modules by what brings them: those that may be installed, and those that may not. */
export interface MissingModules {
  readonly python: readonly string[];
  readonly npm: readonly string[];
  readonly refused: readonly string[];
}

const names = z.array(z.string());
const declared = z.looseObject({ modules: names.default([]) }).optional();
const specSchema = z.looseObject({
  allow: z.looseObject({ install: installField() }),
  python: declared,
  node: declared,
});
const seen = z.looseObject({ python: names, npm: names });

/** What a look found missing; of `requires` all it wants when nothing was found, since to install what is there does no harm. */
export function missingModules(context: Pick<RemedyContext, "target" | "finding">): MissingModules {
  const { finding, target } = context;
  const { allow, python, node } = specSchema.parse(target.spec);
  const wants = { python: python?.modules ?? [], npm: node?.modules ?? [] };
  const wanted = target.kind === "log" ? named(context) : (seen.safeParse(finding?.evidence).data ?? wants);
  const modules = wanted.python.map((name) => [name, allowedName(allow.install.python, name)] as const);
  const packages = wanted.npm.map(
    (name) => [name, Object.hasOwn(allow.install.node, name) ? name : undefined] as const,
  );
  return {
    python: allowedOf(modules),
    npm: allowedOf(packages),
    refused: [...modules, ...packages].filter(([, found]) => found === undefined).map(([name]) => name),
  };
}

function named(context: Pick<RemedyContext, "finding">): { python: string[]; npm: string[] } {
  return { python: captured(context, "python"), npm: captured(context, "npm") };
}

/** `google.cloud.storage` is in the list as such, or a package around it is. */
function allowedName(allowed: Readonly<Record<string, string>>, name: string): string | undefined {
  if (Object.hasOwn(allowed, name)) return name;
  const dot = name.lastIndexOf(".");
  return dot < 1 ? undefined : allowedName(allowed, name.slice(0, dot));
}

function allowedOf(pairs: readonly (readonly [string, string | undefined])[]): string[] {
  return [...new Set(pairs.flatMap(([, found]) => found ?? []))];
}
