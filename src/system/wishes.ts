import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { type Exact, exact } from "../lib/exact.ts";
import type { Pause } from "../model/fleet.ts";
import { writeAtomic } from "./atomic.ts";

const pauseSchema = z.object({
  target: z.string().optional(),
  reason: z.string(),
  by: z.string(),
  at: z.number(),
  until: z.number().optional(),
});

const fileSchema = z.object({
  stopped: z.record(z.string(), z.object({ by: z.string(), at: z.number() })),
  pauses: z.array(pauseSchema),
  /** Pauses and resumes that were said while Redis was away and are still to be told to it. */
  untold: z
    .array(
      z.discriminatedUnion("type", [
        z.object({ type: z.literal("pause"), pause: pauseSchema }),
        z.object({ type: z.literal("resume"), target: z.string().optional() }),
      ]),
    )
    .default([]),
});

type Content = Exact<z.infer<typeof fileSchema>>;

/** A pause or resume that Redis has not been told yet. */
type Untold = Content["untold"][number];

/** What persons want, on disk: it holds over restarts of healq, of the host, and while Redis is away (contract §7 `wishes.json`). */
export interface Wishes {
  /** Who stopped the target and when; undefined if nobody did. */
  stopped(id: string): { readonly by: string; readonly at: number } | undefined;
  setStopped(id: string, by: string, at: number): void;
  clearStopped(id: string): void;
  /** The pauses that are on at `now`. */
  pauses(now: number): readonly Pause[];
  /** Said here while Redis is away; told to it later. */
  pauseLocally(pause: Pause): void;
  resumeLocally(target: string | undefined): void;
  untold(): readonly Untold[];
  /** Takes over what Redis says, once it was told these; what was said here meanwhile is still to be told. */
  mirror(pauses: readonly Pause[], told: readonly Untold[]): void;
}

/**
 * Opens `stateDir/wishes.json`. Every question reads the file anew when it changed (one `stat`, microseconds), so a
 * command beside the supervisor is heard at once. A file that cannot be understood throws: when in doubt, do nothing.
 */
export function openWishes(stateDir: string): Wishes {
  const file = join(stateDir, "wishes.json");
  let seen = "";
  let content: Content = { stopped: {}, pauses: [], untold: [] };

  const read = (): Content => {
    const stat = statSync(file, { throwIfNoEntry: false });
    const version = stat === undefined ? "" : `${stat.ino}:${stat.mtimeMs}:${stat.size}`;
    if (version !== seen) {
      content = stat === undefined ? { stopped: {}, pauses: [], untold: [] } : parse(file);
      seen = version;
    }
    return content;
  };
  const write = (change: Partial<Content>) =>
    writeAtomic(file, `${JSON.stringify({ ...read(), ...change }, null, 1)}\n`);

  return {
    stopped: (id) => (Object.hasOwn(read().stopped, id) ? read().stopped[id] : undefined),
    setStopped: (id, by, at) => write({ stopped: { ...read().stopped, [id]: { by, at } } }),
    clearStopped: (id) => {
      const { [id]: gone, ...stopped } = read().stopped;
      if (gone !== undefined) write({ stopped });
    },
    pauses: (now) => read().pauses.filter((pause) => pause.until === undefined || pause.until > now),
    pauseLocally: (pause) => {
      const others = read().pauses.filter((other) => other.target !== pause.target);
      write({
        pauses: [...others, { ...pause }],
        untold: [...read().untold, { type: "pause", pause: { ...pause } }],
      });
    },
    resumeLocally: (target) => {
      const pauses = read().pauses.filter((other) => other.target !== target);
      const resume = target === undefined ? { type: "resume" as const } : { type: "resume" as const, target };
      write({ pauses, untold: [...read().untold, resume] });
    },
    untold: () => read().untold,
    mirror: (pauses, told) => {
      const now = read();
      // It is only ever added to.
      const untold = now.untold.slice(told.length);
      const same = JSON.stringify(now.pauses) === JSON.stringify(pauses);
      if (untold.length > 0) write({ untold });
      else if (!same || told.length > 0) write({ pauses: pauses.map((pause) => ({ ...pause })), untold });
    },
  };
}

function parse(file: string): Content {
  try {
    return exact(fileSchema.parse(JSON.parse(readFileSync(file, "utf8"))));
  } catch (cause) {
    throw new Error(
      `${file} cannot be understood; mend it or remove it (what persons stopped is then forgotten)`,
      { cause },
    );
  }
}
