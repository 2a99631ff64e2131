import { isAbsolute, resolve } from "node:path";

/** What is wrong with a list of folders in which a cure may make something: an empty selection is fine, the whole machine is not. */
export function rootProblems(
  roots: readonly string[],
  path: readonly string[],
): { path: (string | number)[]; message: string }[] {
  return roots.flatMap((root, i) =>
    isAbsolute(root) && resolve(root) === "/"
      ? [{ path: [...path, i], message: "is the whole machine; name the folder" }]
      : [],
  );
}
