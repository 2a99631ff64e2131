import { formatDuration } from "../lib/duration.ts";
import type { Look } from "../model/observation.ts";
import type { Answer } from "./http-request.ts";

const day = 86_400_000;

/**
 * How long the certificate of an answer still lasts: `certificateDays`, and a warning when that is less than `wanted`
 * (milliseconds; undefined: not looked at). One that has ended gives no answer at all, but for a clock that goes wrong.
 */
export function certificateLook(
  { certificateEnds }: Pick<Answer, "certificateEnds">,
  { wanted, where, now }: { wanted: number | undefined; where: string; now: number },
): Pick<Look, "findings" | "metrics"> {
  if (wanted === undefined || certificateEnds === undefined) return { findings: [], metrics: {} };
  const left = certificateEnds - now;
  const metrics = { certificateDays: Math.floor((left / day) * 10) / 10 };
  if (left >= wanted) return { findings: [], metrics };
  const endsAt = new Date(certificateEnds).toISOString();
  const ends = left > 0 ? `ends in ${formatDuration(left)}` : `ended ${formatDuration(-left)} ago`;
  const message = `${where}: its certificate ${ends}, at ${endsAt} (at least ${formatDuration(wanted)} wanted)`;
  const finding = {
    symptom: "http.certificate",
    severity: "warning",
    fact: false,
    message,
    evidence: { endsAt },
  } as const;
  return { findings: [finding], metrics };
}
