/** A pattern for the paths of files: everything below `root` whose names, one after the other, the `pattern` takes. */
export interface PathGlob {
  /** The longest part without wildcards, absolute. */
  readonly root: string;
  /** One entry a name, at least one; `**` is any number of folders. */
  readonly pattern: readonly string[];
}

/** Reads `/var/log/app/*.log.*` or `/data/**\/*.tmp`; or what is wrong with it, as the end of a sentence. */
export function parsePathGlob(text: string): PathGlob | { readonly problem: string } {
  const names = text.split("/").slice(1);
  if (!text.startsWith("/")) return { problem: "must be absolute: it begins with a /" };
  const last = names.at(-1);
  if (last === undefined || last === "")
    return { problem: "must end with the name of files: /var/log/app/*.log" };
  const problem = names.map((name) => nameProblem(name)).find((each) => each !== undefined);
  if (problem !== undefined) return { problem };
  if (last === "**") return { problem: "names folders only; /**/* is every file below them" };
  const first = names.findIndex((name) => /[*?]/.test(name));
  const literal = first === -1 ? names.length - 1 : first;
  return { root: `/${names.slice(0, literal).join("/")}`, pattern: names.slice(literal) };
}

function nameProblem(name: string): string | undefined {
  if (name === "" || name === "." || name === "..") return 'may not have empty names, "." or ".." in it';
  if (name.includes("\0")) return "may not contain a NUL character";
  if (/[[\]{}]/.test(name)) return "may have the wildcards *, ? and **, but no brackets or braces";
  if (name.includes("**") && name !== "**") return "may have ** only as a whole name: /data/**/*.tmp";
  return undefined;
}

/** Where in a pattern one is on the way down: the entries that may come next. */
export type Positions = readonly number[];

/** At the root. */
export function positionsAtRoot(pattern: readonly string[]): Positions {
  return closed(pattern, [0]);
}

/** Inside the folder of that name; empty when nothing in it can match. Hidden folders are entered only by a pattern that begins with a dot. */
export function positionsIn(pattern: readonly string[], at: Positions, folder: string): Positions {
  const next = at.flatMap((index) => {
    if (pattern[index] === "**") return folder.startsWith(".") ? [] : [index];
    return index < pattern.length - 1 && matchesName(pattern[index] ?? "", folder) ? [index + 1] : [];
  });
  return closed(pattern, next);
}

/** Whether a file of that name, right here, matches. */
export function takesFile(pattern: readonly string[], at: Positions, name: string): boolean {
  const last = pattern.length - 1;
  return at.includes(last) && matchesName(pattern[last] ?? "", name);
}

/** `**` may stand for no folder at all. */
function closed(pattern: readonly string[], at: Positions): Positions {
  const all = new Set(at);
  for (const index of all) if (pattern[index] === "**") all.add(index + 1);
  return [...all];
}

/** `*` is any characters, `?` is one; neither is the dot at the beginning, as in a shell. Linear: at most one `*` is ever gone back to. */
function matchesName(pattern: string, name: string): boolean {
  if (name.startsWith(".") && !pattern.startsWith(".")) return false;
  let [at, from, star, tried] = [0, 0, -1, 0];
  while (from < name.length) {
    if (pattern[at] === "*") {
      star = at;
      tried = from;
      at += 1;
    } else if (pattern[at] === "?" || pattern[at] === name[from]) {
      at += 1;
      from += 1;
    } else if (star >= 0) {
      tried += 1;
      from = tried;
      at = star + 1;
    } else return false;
  }
  return /^\**$/.test(pattern.slice(at));
}
