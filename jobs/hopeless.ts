import type { Finding } from "../src/model/finding.ts";
import type { Observation } from "../src/model/observation.ts";
import { ladderFor, type Target } from "../src/model/target.ts";
import { remedyOf } from "../src/remedies/registry.ts";

/**
 * The observation with a word at each finding that no rung of its ladder may do anything about. Whoever writes a log decides what is found in
 * it: what the config forbids must not use up the tries for what it allows.
 */
export function withHopeless(target: Target, observation: Observation): Observation {
  if (observation.findings.length === 0) return observation;
  const findings = observation.findings.map((finding): Finding => {
    const hopeless = whyHopeless(target, finding);
    return hopeless === undefined ? finding : { ...finding, hopeless };
  });
  return { ...observation, findings };
}

function whyHopeless(target: Target, finding: Finding): string | undefined {
  const ladder = ladderFor(target, finding.symptom);
  const reasons = ladder.map(({ remedy }) => remedyOf(remedy)?.refuses?.({ target, finding }));
  const known = reasons.filter((reason) => reason !== undefined);
  return ladder.length > 0 && known.length === ladder.length ? [...new Set(known)].join("; ") : undefined;
}
