import * as z from "zod";
import type { RemedyContext } from "../model/remedy.ts";

const evidence = z.looseObject({ captures: z.array(z.record(z.string(), z.string())) });

/** What the lines of a log named under that capture, each once. Untrusted text: it may choose among what the config allows, and nothing else. */
export function captured(
  { finding }: Pick<RemedyContext, "finding">,
  name: "path" | "python" | "npm",
): string[] {
  const { captures = [] } = evidence.safeParse(finding?.evidence).data ?? {};
  return [...new Set(captures.flatMap((one) => one[name] ?? []))];
}
