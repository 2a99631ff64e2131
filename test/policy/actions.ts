import fc from "fast-check";
import type { Policy } from "../../src/model/policy.ts";
import type { Status } from "../../src/model/status.ts";
import type { Surroundings } from "../../src/model/surroundings.ts";
import { defaults, targetWith } from "./fixtures.ts";

/** What a look sees. */
export interface Seen {
  readonly status: Status;
  readonly fact: boolean;
  readonly starting: boolean;
  readonly symptom: string;
}

/** What may happen in the world. */
export type Action =
  | { readonly do: "pass" | "jump"; readonly ms: number }
  | { readonly do: "look" | "begin"; readonly seen: Seen }
  | { readonly do: "end" | "crash" }
  | { readonly do: "surround"; readonly surroundings: Partial<Surroundings> }
  /** The heal in flight goes one stage further. */
  | { readonly do: "work"; readonly works: boolean }
  /** A person's heal, from its request to its end. */
  | { readonly do: "person"; readonly force: boolean; readonly works: boolean; readonly fact: boolean };

const anySeen: fc.Arbitrary<Seen> = fc
  .record({
    status: fc.constantFrom<Status>("ok", "ok", "critical", "critical", "warning", "unknown"),
    fact: fc.boolean(),
    starting: fc.boolean(),
    symptom: fc.constantFrom("process.dead", "process.hung"),
  })
  .map((seen) => ({ ...seen, starting: seen.starting && seen.status === "unknown" }));

const calmOrNot: fc.Arbitrary<Partial<Surroundings>> = fc.oneof(
  { weight: 4, arbitrary: fc.constant({}) },
  fc.constantFrom<Partial<Surroundings>>(
    { stopped: true },
    { unmetNeeds: ["db is critical"] },
    { paused: { scope: "everything", reason: "ann: maintenance" } },
    { fleet: { targets: 10, unhealthy: 9 } },
  ),
);

/** Time, looks, heals and people; without clock jumps. */
const steady: fc.Arbitrary<Action>[] = [
  fc.record({ do: fc.constant("pass" as const), ms: fc.constantFrom(0, 100, 1_000, 1_000, 5_000, 30_000) }),
  fc.record({ do: fc.constantFrom("look" as const, "look" as const, "begin" as const), seen: anySeen }),
  fc.record({ do: fc.constantFrom("end" as const, "crash" as const) }),
  fc.record({ do: fc.constant("work" as const), works: fc.boolean() }),
  fc.record({ do: fc.constant("work" as const), works: fc.boolean() }),
  fc.record({ do: fc.constant("surround" as const), surroundings: calmOrNot }),
];

const person: fc.Arbitrary<Action> = fc.record({
  do: fc.constant("person" as const),
  force: fc.boolean(),
  works: fc.boolean(),
  fact: fc.boolean(),
});

const jump: fc.Arbitrary<Action> = fc.record({
  do: fc.constant("jump" as const),
  ms: fc.constantFrom(-31_536_000_000, -3_600_000, -10_000, -500, 500, 10_000, 3_600_000, 31_536_000_000),
});

const dead: Action = {
  do: "look",
  seen: { status: "critical", fact: true, starting: false, symptom: "process.dead" },
};

/** A bad time: the target is seen to be dead, and each heal fails at once. */
const crashing: fc.Arbitrary<Action[]> = fc
  .integer({ min: 2, max: 12 })
  .map((times) =>
    Array.from({ length: times }, (): Action[] => [
      dead,
      { do: "work", works: false },
      { do: "work", works: false },
      { do: "pass", ms: 1_000 },
    ]).flat(),
  );

/** Heals that are lost right after their application, one after the other, when a cooldown may just be over. */
const losing: fc.Arbitrary<Action[]> = fc.constant<Action[]>([
  { do: "surround", surroundings: {} },
  { do: "pass", ms: 61_000 },
  ...Array.from({ length: 3 }, (): Action[] => [dead, { do: "work", works: false }, { do: "crash" }]).flat(),
]);

/** Random lives of a target. */
export function lives(options: { jumps: boolean; persons: boolean }): fc.Arbitrary<Action[]> {
  const single = fc.oneof(...steady, ...(options.persons ? [person] : []));
  const parts: { weight: number; arbitrary: fc.Arbitrary<Action[]> }[] = [
    { weight: 12, arbitrary: fc.array(single, { minLength: 1, maxLength: 10 }) },
    { weight: 2, arbitrary: crashing },
    { weight: 2, arbitrary: losing },
  ];
  if (options.jumps) parts.push({ weight: 2, arbitrary: jump.map((each) => [each]) });
  return fc.array(fc.oneof(...parts), { maxLength: 25, size: "max" }).map((list) => list.flat());
}

/** Policies with short times, so that a short life meets all of them. */
const policies: fc.Arbitrary<Policy> = fc.record({
  failAfter: fc
    .tuple(fc.integer({ min: 1, max: 3 }), fc.integer({ min: 0, max: 2 }))
    .map(([count, more]) => ({ count, of: count + more })),
  recoverAfter: fc.integer({ min: 1, max: 3 }),
  probation: fc.constantFrom(0, 1_000, 10_000),
  backoff: fc.record({
    delay: fc.constantFrom(0, 100, 1_000),
    max: fc.constantFrom(1_000, 8_000),
    jitter: fc.constantFrom(0, 0.2, 1),
  }),
  budget: fc.record({ max: fc.integer({ min: 1, max: 4 }), per: fc.constantFrom(10_000, 60_000) }),
  breaker: fc.record({
    failures: fc.integer({ min: 1, max: 4 }),
    cooldown: fc.constantFrom(5_000, 60_000),
    reset: fc.constantFrom(20_000, 3_600_000),
  }),
  verify: fc.constant(defaults.verify),
  mode: fc.constantFrom("auto" as const),
});

/** Targets with a ladder of one or three applications. */
export const targets = fc
  .tuple(policies, fc.constantFrom(1, 3), fc.boolean())
  .map(([policy, tries, critical]) =>
    targetWith(policy, {
      critical,
      ladders: { any: [{ remedy: "restart", params: {}, tries }], bySymptom: {} },
    }),
  );

/** Numbers for the back-off's jitter. */
export const chances = fc.double({ min: 0, max: 1, noNaN: true });
