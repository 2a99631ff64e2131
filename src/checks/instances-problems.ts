import type { ProcessFields } from "./process-fields.ts";

/** Where `instances` has nothing to count. */
export function instancesProblems(spec: ProcessFields): { path: readonly string[]; message: string }[] {
  if (spec.instances === undefined) return [];
  const refuse = (message: string) => [{ path: ["instances"], message }];
  for (const finder of ["pidFile", "port"] as const) {
    if (spec[finder] !== undefined) return refuse(`does not count beside ${finder}, which finds one process`);
  }
  if (spec.run !== undefined && spec.match !== undefined)
    return refuse("counts what healq starts with run, or what match finds: give one of the two");
  return [];
}
