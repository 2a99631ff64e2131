import { type Finding, worstFinding } from "../../src/model/finding.ts";
import type { Observation } from "../../src/model/observation.ts";
import { isBad } from "../../src/model/status.ts";
import { curable, ladderFor, rungAt, type Target } from "../../src/model/target.ts";
import { remedyOf } from "../../src/remedies/registry.ts";
import { withHopeless } from "../hopeless.ts";
import { type Applied, type Attempt, done, type Stage } from "./attempt.ts";
import { lookOnce } from "./look-once.ts";

/** Stage 3: the world may have changed since the heal was asked for. What is well already is left alone. */
export const lookAgain: Stage = async (attempt) => {
  const { context, job, target, forced, dryRun } = attempt;
  const observation = withHopeless(target, await lookOnce(attempt, target));
  attempt.observation = observation;
  attempt.job.say(`looked: ${observation.status}, ${observation.message}`);

  if (job.applied !== undefined && !isBad(observation.status)) return resume(attempt, job.applied);

  const patient =
    job.data.onBehalfOf === undefined ? target : context.config.targets.get(job.data.onBehalfOf);
  const fault = patient === undefined || patient === target ? observation : await lookOnce(attempt, patient);
  if (!forced && !isBad(fault.status)) {
    const unsure = fault.status === "unknown";
    const reason = `${fault.target}: ${fault.message}`;
    if (!dryRun)
      return done(
        attempt,
        unsure ? "skipped" : "already-healthy",
        unsure ? `cannot tell: ${reason}` : reason,
      );
    attempt.hindrances.push(unsure ? `cannot tell: ${reason}` : `already healthy: ${reason}`);
  }
  return chooseRung(
    attempt,
    fault === observation
      ? findingToCure(target, observation, job.data.symptom)
      : worstFinding(fault.findings),
  );
};

/** An earlier delivery has applied the remedy, and the fault is gone: what is left is to see whether it works. */
async function resume(attempt: Attempt, { remedy: name }: Applied): Promise<undefined> {
  const { store, target, job } = attempt;
  const remedy = remedyOf(name);
  if (remedy === undefined) return;
  attempt.remedy = remedy;
  attempt.resumed = true;
  const state = (await store.read([target.id])).get(target.id)?.state;
  if (state !== undefined) attempt.state = state;
  job.say(`${name} was applied before healq stopped; now verifying`);
}

/** The finding the heal was asked for if it is still there, else the worst one that has a ladder. */
function findingToCure(
  target: Target,
  observation: Observation,
  asked: string | undefined,
): Finding | undefined {
  const faults = curable(target, observation.findings);
  return (
    faults.find(({ symptom }) => symptom === asked) ??
    worstFinding(faults) ??
    worstFinding(observation.findings)
  );
}

/** Why there is nothing to apply, and what would change that. */
function withoutRung(target: Target, finding: Finding | undefined): string {
  const symptoms = Object.keys(target.ladders.bySymptom);
  if (finding !== undefined)
    return `no remedy is declared for ${finding.symptom} of ${target.id}; \`heal:\` declares one, under that name or \`any\``;
  return symptoms.length === 0
    ? `${target.id} has no remedies; \`heal:\` declares some`
    : `${target.id} has no fault now, and its remedies are each for a fault (${symptoms.join(", ")})`;
}

function chooseRung(attempt: Attempt, finding: Finding | undefined) {
  const { target, job } = attempt;
  // A person who asks for it all the same hears from the remedy why not.
  if (finding?.hopeless !== undefined && !attempt.person)
    return done(attempt, "skipped", `no remedy for ${finding.symptom}: ${finding.hopeless}`);
  const ladder = ladderFor(target, finding?.symptom ?? job.data.symptom ?? "");
  const rung = rungAt(ladder, job.attempt);
  if (finding !== undefined) attempt.finding = finding;
  if (rung === undefined) {
    const why = withoutRung(target, finding);
    if (!attempt.dryRun) return done(attempt, "skipped", why);
    const nothing = attempt.hindrances.length > 0 ? attempt.hindrances.join("; ") : why;
    return done(attempt, "dry-run", `would do nothing: ${nothing}`, { plan: [] });
  }
  const remedy = remedyOf(rung.remedy);
  // The config refuses unknown remedies, so only a bug can lead here.
  if (remedy === undefined) throw new Error(`no remedy is named ${rung.remedy}`);
  attempt.rung = rung;
  attempt.remedy = remedy;
  return undefined;
}
