import { setTimeout as pause } from "node:timers/promises";
import * as z from "zod";
import { shownUrl } from "../checks/http-error.ts";
import { isWanted, statusField } from "../checks/http-expect.ts";
import { ask } from "../checks/http-request.ts";
import { formatDuration } from "../lib/duration.ts";
import { duration } from "../lib/fields.ts";
import { HealqError } from "../model/errors.ts";
import { defineRemedy, type RemedyContext } from "../model/remedy.ts";
import { type CureStep, linesOf, takeSteps } from "./steps.ts";

const schema = z.strictObject({
  within: duration().prefault("30s").describe("It is asked again and again for so long. Default: 30s."),
});

type Params = z.output<typeof schema>;

const specSchema = z.looseObject({
  url: z.string(),
  headers: z.record(z.string(), z.string()).default({}),
  redirects: z.boolean().default(false),
  expect: z.looseObject({ status: statusField().default("2xx") }).prefault({}),
});

/** One question may take this long: a sleeping service often answers the first one when it is awake. Milliseconds. */
const oneQuestion = 10_000;

/** Pauses between two questions, in milliseconds; each is twice the one before. */
const pauses = { first: 100, longest: 2_000 } as const;

/** Statuses below 500 that mean "later". Source: RFC 9110, RFC 8470, RFC 6585. */
const later: readonly number[] = [408, 425, 429];

/** GETs the address until it answers with a wanted status: services that sleep when idle wake by being asked. */
export const wake = defineRemedy<Params>({
  remedy: "wake",
  summary: "asks the address until it answers",
  schema,
  kinds: ["http"],
  cures: true,
  plan: async (context, params) => linesOf([stepOf(context, params)]),
  apply: (context, params) => takeSteps([stepOf(context, params)], context),
});

function stepOf({ target, signal }: RemedyContext, { within }: Params): CureStep {
  const spec = specSchema.parse(target.spec);
  return {
    line: `GET ${shownUrl(spec.url)} until it answers, for at most ${formatDuration(within)}`,
    act: () => askUntilAwake(spec, { within, signal }),
  };
}

async function askUntilAwake(
  spec: z.output<typeof specSchema>,
  { within, signal }: { within: number; signal: AbortSignal },
): Promise<Readonly<Record<string, unknown>>> {
  const begun = performance.now();
  const where = shownUrl(spec.url);
  for (let questions = 1; ; questions += 1) {
    const left = within - (performance.now() - begun);
    const timeout = Math.max(1, Math.ceil(Math.min(oneQuestion, left)));
    const answer = await ask({
      url: spec.url,
      method: "GET",
      headers: spec.headers,
      redirects: spec.redirects ? 5 : 0,
      timeout,
      signal,
    });
    signal.throwIfAborted();
    if (answer.ok && isWanted(answer.status, spec.expect.status)) return { questions, status: answer.status };
    const said = answer.ok ? `it answered ${answer.status}` : answer.reason;
    if (answer.ok && answer.status < 500 && !later.includes(answer.status)) {
      throw new HealqError("wake", `${where} is awake, but ${said}: asking again does not help`);
    }
    if (!answer.ok && answer.badCertificate)
      throw new HealqError("wake", `${where}: ${said}, and asking again does not help`);
    const rest = Math.min(pauses.first * 2 ** Math.min(questions - 1, 10), pauses.longest);
    if (performance.now() - begun + rest >= within) {
      throw new HealqError(
        "wake",
        `${where} did not wake within ${formatDuration(within)} (asked ${questions} times): ${said}`,
      );
    }
    await pause(rest, undefined, { signal });
  }
}
