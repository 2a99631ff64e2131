/**
 * What healq does about a target:
 *
 * - `watching`   all is well, or not known to be bad
 * - `suspect`    bad, but not for long enough to be believed, or nothing may be done about it
 * - `healing`    an incident is open and heals are under way or due
 * - `probation`  cured and verified; trouble before its end continues the same incident
 * - `blocked`    bad or not started yet, and something it needs is bad
 * - `gave-up`    budget spent or breaker open; one more try after the cooldown
 * - `silenced`   muted by a person (a silence or the kill switch)
 * - `stopped`    a person wants it stopped
 */
export type Phase = (typeof phases)[number];

/** All phases, for schemas. */
export const phases = [
  "watching",
  "suspect",
  "healing",
  "probation",
  "blocked",
  "gave-up",
  "silenced",
  "stopped",
] as const;
