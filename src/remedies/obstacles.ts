import * as z from "zod";
import { HealqError } from "../model/errors.ts";
import type { RemedyContext, RemedyResult } from "../model/remedy.ts";
import type { Target } from "../model/target.ts";
import { type CureStep, takeSteps } from "./steps.ts";

/** A session that stands in the way of others. */
export interface Obstacle {
  /** The line of the plan: what is done to it, or why it is left alone. */
  readonly line: string;
  /** Does it, if it is still there and still in the way; false when not. Absent: it is left alone. */
  readonly remove?: () => Promise<boolean>;
  /** For the audit: `pid 42`, and what was done to it. */
  readonly name: string;
  readonly did: string;
}

const withOnly = z.looseObject({ only: z.looseObject({}) });

/** Why a cure that ends sessions cannot be used: an empty selection means nobody, never everybody. */
export function needsOnly(remedy: string): (target: Pick<Target, "spec">) => string | undefined {
  return ({ spec }) =>
    withOnly.safeParse(spec).success
      ? undefined
      : `${remedy} needs only: on the target, which says whose sessions may be ended`;
}

/** The steps that remove them, one each; one that says so when there are none. */
export function obstacleSteps(obstacles: readonly Obstacle[], where: string): readonly CureStep[] {
  const none = `nobody is in the way on ${where} any more: leave all as it is`;
  if (obstacles.length === 0) return [{ line: none, act: async () => undefined }];
  return obstacles.map(({ line, remove, name, did }, index) => ({
    line,
    act: async () => {
      if (remove === undefined) return undefined;
      return { [name]: (await remove()) ? did : "was gone or not in the way any more: left alone" };
    },
    // A person who pauses between two sessions is heard.
    isHalf: remove !== undefined && index < obstacles.length - 1,
  }));
}

/** Takes the steps; rejects when all who are in the way have to be left alone, so that the next rung is tried. */
export async function removeObstacles(
  obstacles: readonly Obstacle[],
  { context, where }: { context: RemedyContext; where: string },
): Promise<RemedyResult> {
  const result = await takeSteps(obstacleSteps(obstacles, where), context);
  if (obstacles.length > 0 && obstacles.every(({ remove }) => remove === undefined)) {
    throw new HealqError(
      "nothing-to-do",
      `nothing was done: ${obstacles.map(({ line }) => line).join("; ")}`,
    );
  }
  return result;
}
