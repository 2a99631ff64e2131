import { setFlagsFromString } from "node:v8";

/** From so many targets on CPU time counts for more than 45 MB. */
const many = 2_000;

/**
 * `bin/healq.ts` keeps V8's young generation at its first size: an idle node with a hundred targets takes 100 MB instead of
 * 160, for a quarter more CPU time a look. With many targets it may grow again. The flag is read at each growth, so setting it
 * at run time works (measured with Node 20).
 */
export function letHeapGrow(targets: number): void {
  if (targets >= many) setFlagsFromString("--semi-space-growth-factor=2");
}
