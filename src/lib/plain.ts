import { stripVTControlCharacters } from "node:util";

/** One line of untrusted text for a message: without terminal sequences; other control characters and runs of blanks become one blank; at most 200 characters. */
export function plain(text: string): string {
  const line = stripVTControlCharacters(text)
    .replace(/[\s\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
  return line.length > 200 ? `${line.slice(0, 199)}…` : line;
}
