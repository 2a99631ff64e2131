/** True for a name with `*` or `?` in it. */
export function isPattern(name: string): boolean {
  return /[*?]/.test(name);
}

/** Whether a session's name is one of the wanted ones; `*` is any text, `?` any character. */
export function isWanted(name: string, wanted: readonly string[]): boolean {
  return wanted.some((each) => (isPattern(each) ? likePattern(name, each) : name === each));
}

/** Without a regular expression: `*a*a*a*b` would take exponential time as one. Goes back to the last star only. */
function likePattern(text: string, pattern: string): boolean {
  let [at, in_, star, mark] = [0, 0, -1, 0];
  while (at < text.length) {
    if (pattern[in_] === "*") {
      star = in_++;
      mark = at;
    } else if (in_ < pattern.length && (pattern[in_] === "?" || pattern[in_] === text[at])) {
      at++;
      in_++;
    } else if (star >= 0) {
      in_ = star + 1;
      at = ++mark;
    } else return false;
  }
  while (pattern[in_] === "*") in_++;
  return in_ === pattern.length;
}
