import { existsSync, realpathSync } from "node:fs";
import { dirname, relative, resolve, sep } from "node:path";
import { foreignLink } from "../system/foreign-link.ts";

/** Why a folder may not be made there; undefined when it may. Links are resolved before it is asked what is inside of the allowed folders. */
export function whyNotThere(path: string, roots: readonly string[]): string | undefined {
  const link = foreignLink(path);
  if (link !== undefined) return `as root healq makes no folder behind a link of somebody else: ${link}`;
  const real = realOf(path);
  if (roots.some((root) => isInside(real, realOf(root)))) return undefined;
  return `${path} is in none of the folders of allow.mkdir: ${roots.join(", ") || "there are none"}`;
}

/** Where a path that may not be there would be, links resolved. */
function realOf(path: string): string {
  const parent = dirname(path);
  if (existsSync(path)) return realpathSync(path);
  return parent === path ? path : resolve(realOf(parent), relative(parent, path));
}

function isInside(path: string, root: string): boolean {
  return path === root || path.startsWith(root.endsWith(sep) ? root : root + sep);
}
