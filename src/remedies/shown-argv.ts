/** A command line for people, as they would type it; words with spaces or quotes are quoted. At most 120 characters. */
export function shownArgv(argv: readonly string[]): string {
  const text = argv.map(word).join(" ");
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}

function word(text: string): string {
  return /^[\w./:=@%+,^~-]+$/.test(text) ? text : JSON.stringify(text);
}
