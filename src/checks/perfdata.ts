/** At most this many values of one plugin are kept. */
const maxValues = 50;

/**
 * One value: `'label'=1.5ms;warn;crit;min;max`. Quotes are needed around blanks only; inside of them two stand for one. What
 * could not be determined is `U`, and no value. Source: the Nagios plugin development guidelines, "Performance data".
 */
const item =
  /(?:'((?:[^'=]|''){1,128})'|([^\s'=]{1,128}))=(-?(?:\d{1,15}(?:\.\d{1,17})?|\.\d{1,17}))(?:%|[A-Za-zµ]{1,3})?(?:;[-\d.:@~]*){0,4}(?=\s|$)/y;

/**
 * The values of a plugin's performance data by label, as numbers in the plugin's own unit; the unit, the thresholds and
 * the limits are dropped. A word that does not have this form is left out, and so is all from the 51st value on.
 */
export function parsePerfdata(text: string): Record<string, number> {
  const values = new Map<string, number>();
  let at = 0;
  while (at < text.length && values.size < maxValues) {
    item.lastIndex = at;
    const [all = "", quoted, bare, value] = item.exec(text) ?? [];
    const label = quoted?.replaceAll("''", "'") ?? bare;
    if (label !== undefined && label !== "__proto__") values.set(label, Number(value));
    at = all === "" ? afterWord(text, at) : at + all.length;
  }
  return Object.fromEntries(values);
}

/** Past this word, or past this run of blanks. */
function afterWord(text: string, at: number): number {
  const pattern = /\s+|\S+/y;
  pattern.lastIndex = at;
  return at + (pattern.exec(text)?.[0].length ?? 1);
}
