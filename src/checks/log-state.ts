import * as z from "zod";
import { exact } from "../lib/exact.ts";
import { plain } from "../lib/plain.ts";
import { type Cured, lastCure } from "../model/cured.ts";
import type { CheckMemory, LogLines, LogPlace } from "../model/ports.ts";
import { logPlace } from "../system/log-lines.ts";
import type { WantedPattern } from "./log-spec.ts";

/** So many different captures of a pattern are remembered. */
const maxCaptures = 10;

/** A longer capture is left out: half a path is another path. Characters. */
const longestCapture = 500;

const told = z.object({
  /** When the last lines came, as many as the pattern wants. Milliseconds since the epoch. */
  times: z.array(z.number()),
  /** Lines in all. */
  lines: z.number(),
  /** The last one. */
  line: z.string(),
  captures: z.array(z.record(z.string(), z.string())),
  /** When it last was enough. */
  badAt: z.number().optional(),
});

const schema = z
  .object({
    place: logPlace,
    /** Inode, size and time of the file at the last look: while they are the same, nothing is read. */
    seen: z.string(),
    behind: z.number(),
    /** By pattern. */
    told: z.record(z.string(), told),
    /** The cure up to which lines are forgiven. */
    curedAt: z.number().optional(),
    /** What cannot be trusted in the last reading, for a person. */
    notes: z.array(z.string()),
  })
  .transform((given) => exact(given));

/** What is known of a log: how far it was read, and what it told. */
export type LogState = z.output<typeof schema>;

type Told = LogState["told"][string];

const noteName = "log";

/** What was kept at the last look, by whichever process took it. */
export function recallLog(memory: CheckMemory): LogState | undefined {
  return schema.safeParse(memory.recall(noteName)).data;
}

/** Keeps it for the next look. */
export function keepLog(memory: CheckMemory, state: LogState): LogState {
  memory.keep(noteName, state);
  return state;
}

/** A log that was never looked at: it is read from that place on. */
export function newLog(place: LogPlace, seen: string, memory: CheckMemory): LogState {
  const cure = lastCure(memory);
  return { place, seen, behind: 0, told: {}, notes: [], ...(cure === undefined ? {} : { curedAt: cure.at }) };
}

/** The cure that this state has not heard of yet. */
export function newCure(state: LogState, memory: CheckMemory): Cured | undefined {
  const cure = lastCure(memory);
  return cure === undefined || cure.at === state.curedAt ? undefined : cure;
}

/** The state after new lines. What was written until the end of a cure came before it, and is forgiven. */
export function withLines(
  state: LogState,
  read: { lines: LogLines; seen: string; cure: Cured | undefined; notes: readonly string[] },
  to: { patterns: readonly WantedPattern[]; now: number },
): LogState {
  const { lines, seen, cure } = read;
  const known: Record<string, Told> = {};
  for (const pattern of to.patterns) {
    const forgiven = cure !== undefined && (cure.symptom ?? `log.${pattern.name}`) === `log.${pattern.name}`;
    const next = forgiven
      ? undefined
      : withMatches(state.told[pattern.name], lines, { pattern, now: to.now });
    if (next !== undefined) known[pattern.name] = next;
  }
  // While it is behind, lines from before the cure may still come.
  const curedAt = cure !== undefined && lines.behind === 0 ? cure.at : state.curedAt;
  const { place, behind } = lines;
  const rest = { place, seen, behind, told: known, notes: [...read.notes] };
  return curedAt === undefined ? rest : { ...rest, curedAt };
}

function withMatches(
  before: Told | undefined,
  lines: LogLines,
  { pattern, now }: { pattern: WantedPattern; now: number },
): Told | undefined {
  const { name, count, within, keepFor } = pattern;
  const isOld = (before?.times ?? []).every((time) => now - time >= keepFor);
  const known = isOld ? undefined : before;
  const more = lines.counts[name] ?? 0;
  if (more === 0) return known;
  const found = lines.matches.filter((match) => match.name === name);
  const recent = (known?.times ?? []).filter((time) => now - time < within);
  const times = [...recent, ...Array.from({ length: Math.min(more, count) }, () => now)].slice(-count);
  const badAt = times.length >= count ? now : known?.badAt;
  return {
    times,
    lines: (known?.lines ?? 0) + more,
    line: plain(found.at(-1)?.line ?? known?.line ?? ""),
    captures: distinct([...(known?.captures ?? []), ...found.map(({ captures }) => clean(captures))]),
    ...(badAt === undefined ? {} : { badAt }),
  };
}

function clean(captures: Readonly<Record<string, string>>): Record<string, string> {
  const sound = (text: string) => text.length <= longestCapture && !/[\p{Cc}\p{Cf}]/u.test(text);
  return Object.fromEntries(Object.entries(captures).filter(([, text]) => sound(text)));
}

/** The last different ones. */
function distinct(captures: readonly Record<string, string>[]): Record<string, string>[] {
  const byText = new Map<string, Record<string, string>>();
  for (const one of captures) {
    const text = JSON.stringify(one);
    byText.delete(text);
    if (text !== "{}") byText.set(text, one);
  }
  return [...byText.values()].slice(-maxCaptures);
}
