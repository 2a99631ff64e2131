import { hostname } from "node:os";
import { badId, idPattern } from "../lib/fields.ts";
import type { Problems } from "./problem.ts";

/** A hostname as a node name: what may not be in one becomes a dash. */
export function nodeNameFrom(host: string): string {
  const name = host
    .replace(/[^A-Za-z0-9_.-]/g, "-")
    .replace(/\.{2,}/g, ".")
    .replace(/^[^A-Za-z0-9_]+/, "")
    .slice(0, 64);
  return idPattern.test(name) ? name : "node";
}

/** The name of this node: HEALQ_NODE, else what the file says, else the hostname. */
export function nodeName(given: string | undefined, env: NodeJS.ProcessEnv, problems: Problems): string {
  const own = env.HEALQ_NODE;
  if (own === undefined || own === "") return given ?? nodeNameFrom(hostname());
  if (!idPattern.test(own)) problems.add(undefined, ["HEALQ_NODE"], badId(own));
  return own;
}
