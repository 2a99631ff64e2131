/** The few colours in use: they mean good, uneasy, bad, and unimportant. */
export type Tone = "good" | "uneasy" | "bad" | "faint" | "strong";

const codes: Readonly<Record<Tone, readonly [number, number]>> = {
  good: [32, 39],
  uneasy: [33, 39],
  bad: [31, 39],
  faint: [2, 22],
  strong: [1, 22],
};

/** The text in a colour, by ANSI SGR codes; unchanged without `colour` or a tone. */
export function paint(text: string, tone: Tone | undefined, options: { readonly colour: boolean }): string {
  if (!options.colour || tone === undefined || text === "") return text;
  const [on, off] = codes[tone];
  return `\u001b[${on}m${text}\u001b[${off}m`;
}

const tones: Readonly<Record<string, Tone>> = {
  ok: "good",
  healed: "good",
  resolved: "good",
  warning: "uneasy",
  unknown: "uneasy",
  skipped: "uneasy",
  open: "uneasy",
  critical: "bad",
  failed: "bad",
  problem: "bad",
  "gave-up": "bad",
  watching: "faint",
};

/** The colour of a word of ours: a status, a phase, an outcome. */
export function toneOf(word: string): Tone | undefined {
  return tones[word];
}
