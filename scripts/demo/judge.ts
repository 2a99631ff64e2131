import { type Course, type Observed, wellAt } from "./observed.ts";
import type { Expectation, Scenario } from "./scenario.ts";

/** What was not as the scenario expects it, one sentence each; empty when all was. */
export function judge({ expect }: Pick<Scenario, "expect">, observed: Observed): string[] {
  return [...observed.troubles, ...ending(expect, observed), ...others(expect, observed)];
}

function ending(expect: Expectation, observed: Observed): string[] {
  if (expect.end === "healed") return healed(expect, observed);
  if (expect.end === "gave-up") return gaveUp(expect, observed);
  return heldBack(expect, observed);
}

function healed(expect: Extract<Expectation, { end: "healed" }>, observed: Observed): string[] {
  const { patients, brokenAt } = observed;
  const said = patients.flatMap((course) => [
    ...opened(course, expect.symptom),
    ...applied(course, expect.cure, 1),
    ...counted(course, "heal.succeeded", 1),
    ...counted(course, "incident.resolved", 1),
    ...(expect.through === undefined ? replaced(course) : []),
    ...works(course, brokenAt),
  ]);
  const through = observed.others.filter(({ target }) => target === expect.through);
  said.push(...through.flatMap((course) => [...applied(course, "restart", 1), ...replaced(course)]));
  return expect.inOrder ? [...said, ...order(patients)] : said;
}

function gaveUp(expect: Extract<Expectation, { end: "gave-up" }>, observed: Observed): string[] {
  const { applications } = expect;
  return observed.patients.flatMap((course) => {
    const { target } = course;
    const called = observed.calls.filter((call) => call === `incident.gave-up ${target}`).length;
    return [
      ...opened(course, expect.symptom),
      ...applied(course, expect.cure, applications),
      ...counted(course, "incident.gave-up", 1),
      ...unless(
        observed.brokenStarts === applications,
        `${target} was started ${observed.brokenStarts} times, not ${applications}`,
      ),
      ...unless(called === 1, `people were called ${called} times about giving up ${target}, not once`),
      ...unless(course.phase === "gave-up", `${target} is ${course.phase}, not gave-up`),
      ...dead(course),
    ];
  });
}

function heldBack(expect: Extract<Expectation, { end: "held back" }>, observed: Observed): string[] {
  const need = `${expect.needs} was started ${observed.brokenStarts} times more`;
  const said = observed.patients.flatMap((course) => [
    ...counted(course, "heal.started", 0),
    ...counted(course, "target.started", 0),
    ...unless(course.phase === "blocked", `${course.target} is ${course.phase}, not blocked`),
    ...dead(course),
  ]);
  return [...said, ...unless(observed.brokenStarts === 0, need)];
}

/** Nothing is done to those that are well. */
function others(expect: Expectation, { others: courses }: Observed): string[] {
  const through = expect.end === "healed" ? expect.through : undefined;
  return courses
    .filter(({ target }) => target !== through)
    .flatMap((course) => [
      ...counted(course, "heal.started", 0),
      ...unless(
        course.before.pid === course.after.pid,
        `${course.target} was well, and its pid went from ${course.before.pid} to ${course.after.pid}`,
      ),
    ]);
}

function opened({ target, entries }: Course, symptom: string | undefined): string[] {
  if (symptom === undefined) return [];
  const symptoms = entries.flatMap((entry) => (entry.event === "incident.opened" ? [entry.symptom] : []));
  const found = symptoms.length === 0 ? "none" : symptoms.join(", ");
  return unless(found === symptom, `${target} should have one incident, ${symptom}; it had ${found}`);
}

function applied(course: Course, cure: string, times: number): string[] {
  const strange = course.entries.find(({ event, action }) => event === "heal.started" && action !== cure);
  return [
    ...counted(course, "heal.started", times),
    ...unless(strange === undefined, `${course.target} was cured by ${strange?.action}, not by ${cure}`),
  ];
}

function counted({ target, entries }: Course, event: string, times: number): string[] {
  const count = entries.filter((entry) => entry.event === event).length;
  return unless(count === times, `${event} of ${target}: ${count} in the audit, not ${times}`);
}

/** Another process runs than the one that was broken. */
function replaced({ target, before, after }: Course): string[] {
  if (after.pid === undefined) return [];
  const isNew = after.pid !== null && after.pid !== before.pid;
  return unless(
    isNew,
    `${target} has pid ${after.pid ?? "none"}; before it was broken, ${before.pid ?? "none"}`,
  );
}

function dead({ target, after }: Course): string[] {
  return unless(after.pid === null, `${target} should not run; it has pid ${after.pid}`);
}

/** It answers, has written since, and holds what it held. */
function works({ target, before, after }: Course, since: number): string[] {
  const { answers, wroteAt, text } = after;
  return [
    ...unless(answers === undefined || answers === 200, `${target} answers ${answers ?? "nothing"}, not 200`),
    ...unless(wroteAt === undefined || wroteAt > since, `${target} has written nothing since it was broken`),
    ...unless(text === before.text, `${target} holds ${text ?? "nothing"}, not what it held before`),
  ];
}

/** Each one's cure began after the one before was well. */
function order(courses: readonly Course[]): string[] {
  return courses.slice(1).flatMap((course, i) => {
    const first = courses[i];
    const began = course.entries.find(({ event }) => event === "heal.started")?.at;
    const well = first === undefined ? undefined : wellAt(first);
    const inOrder = began !== undefined && well !== undefined && Date.parse(began) >= well;
    return unless(inOrder, `${course.target} was touched before ${first?.target} was well`);
  });
}

function unless(isSo: boolean, complaint: string): string[] {
  return isSo ? [] : [complaint];
}
