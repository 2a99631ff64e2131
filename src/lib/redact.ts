/** What stands in a secret's place. */
const mask = "[redacted]";

/** Shorter texts are no secrets: replacing them would only garble what people read. */
const shortest = 6;

const word = "(?:pass(?:word|wd)?|secret|token|api[_-]?key|access[_-]?key|authorization)";
const scheme = "(?:bearer\\s+|basic\\s+)?";
const value = `(?!\\[redacted\\])[^\\s"'\\\\,;&}]{3,}`;

/**
 * What looks like a secret in free text; the first group is kept. A quoted name (JSON) wants a quoted value, so that a
 * number is never replaced by something that is no JSON.
 */
const patterns = [
  // password=…, Authorization: Bearer …
  new RegExp(`(${word}\\s*[=:]\\s*${scheme})${value}`, "gi"),
  // "token": "…", also inside a JSON text that is quoted itself
  new RegExp(`(${word}\\\\?["']\\s*:\\s*\\\\?["']${scheme})${value}`, "gi"),
  /(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@"']*:)(?!\[redacted\])[^\s@/"']+(?=@)/gi,
];

/** What each of those has in it: a text without is read once instead of three times. */
const suspicious = /pass|secret|token|key|authorization|:\/\//i;

/** The names of environment variables and settings that hold secrets. */
const secretName = /pass|secret|token|api_?key|access_?key|private_?key|credential/i;

/**
 * Makes a function that removes secrets from a text: the given ones wherever they stand, and whatever looks like one
 * (`password=…`, a URL's password). Only letters and brackets are put in, so JSON stays JSON.
 */
export function createRedactor(secrets: Iterable<string>): (text: string) => string {
  const known = [...new Set(secrets)]
    .filter((secret) => secret.length >= shortest)
    .sort((a, b) => b.length - a.length);
  return (text) => {
    let clean = text;
    for (const secret of known) clean = clean.replaceAll(secret, mask);
    if (!suspicious.test(clean)) return clean;
    for (const pattern of patterns) clean = clean.replace(pattern, `$1${mask}`);
    return clean;
  };
}

/** The values of those variables whose names say that they are secret. */
export function secretsOf(environment: Readonly<Record<string, string | undefined>>): string[] {
  return Object.entries(environment).flatMap(([name, value]) =>
    value !== undefined && secretName.test(name) ? [value] : [],
  );
}
