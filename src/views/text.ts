/**
 * Characters that a terminal would act on or that reorder a line: C0 and C1 controls, DEL, line and paragraph
 * separators, and the bidirectional overrides (Unicode UAX #9).
 */
const risky = /[\p{Cc}\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

const named: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t" };

/** Untrusted text on one line: what a terminal would act on is shown as `\x1b`, `\n`, `\u202e`, and nothing is emitted. */
export function visible(text: string): string {
  return text.replace(risky, (character) => named[character] ?? escaped(character));
}

/** Untrusted text that may have several lines and tabs, such as a log: both are kept, all else is as in `visible`. */
export function visibleLines(text: string): string {
  return text
    .replace(/\r\n/g, "\n")
    .replace(risky, (character) =>
      character === "\n" || character === "\t" ? character : (named[character] ?? escaped(character)),
    );
}

function escaped(character: string): string {
  const code = character.charCodeAt(0);
  return code < 0x100
    ? `\\x${code.toString(16).padStart(2, "0")}`
    : `\\u${code.toString(16).padStart(4, "0")}`;
}

/** Wide in a terminal: CJK, Hangul, full-width forms and emoji, roughly as Unicode UAX #11 has them. */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe4f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}/u;
const combining = /^(?:\p{Mn}|\p{Me}|\u200b|\u200c|\u200d|\ufe0f)$/u;

/** How many columns a text takes in a terminal. */
export function columnsOf(text: string): number {
  let columns = 0;
  for (const character of text) columns += widthOf(character);
  return columns;
}

function widthOf(character: string): number {
  if (character >= " " && character <= "~") return 1;
  if (combining.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** The text in at most `width` columns, with `…` at the end where something is left out. */
export function truncate(text: string, width: number): string {
  if (columnsOf(text) <= width) return text;
  if (width < 1) return "";
  let kept = "";
  let columns = 0;
  for (const character of text) {
    const more = widthOf(character);
    if (columns + more > width - 1) break;
    kept += character;
    columns += more;
  }
  return `${kept.trimEnd()}…`;
}

/** The text in lines of at most `width` columns, broken at spaces where it can be. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (columnsOf(longer) <= width || line === "") line = longer;
    else {
      lines.push(line);
      line = word;
    }
  }
  return [...lines, line].flatMap((each) => cut(each, width));
}

function cut(text: string, width: number): string[] {
  if (columnsOf(text) <= width || width < 1) return [text];
  const pieces: string[] = [];
  let piece = "";
  for (const character of text) {
    if (columnsOf(piece + character) > width) {
      pieces.push(piece);
      piece = "";
    }
    piece += character;
  }
  return [...pieces, piece];
}
