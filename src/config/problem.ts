/** Where in the config something is: keys and list positions from the top. */
export type Path = readonly PropertyKey[];

/** One fault of the config. */
export interface Problem {
  /** As it was given on the command line. */
  readonly file: string;
  /** From 1; 0 when it is about the file as a whole. */
  readonly line: number;
  /** From 1; 0 when it is about the file as a whole. */
  readonly column: number;
  /** `targets.web.url`, `targets.web.heal[1]`; empty when it is about the file as a whole. */
  readonly path: string;
  /** What is wrong and what would be right, without a full stop. */
  readonly message: string;
}

/** `healq.yaml:14:7: targets.web.url: must be text, not a number`. */
export function formatProblem(problem: Problem): string {
  const place = problem.line > 0 ? `${problem.file}:${problem.line}:${problem.column}` : problem.file;
  return problem.path === ""
    ? `${place}: ${problem.message}`
    : `${place}: ${problem.path}: ${problem.message}`;
}

/** `targets.web.heal[1].exec`. */
function formatPath(path: Path): string {
  let text = "";
  for (const segment of path) {
    if (typeof segment === "number") text += `[${segment}]`;
    else text += text === "" ? String(segment) : `.${String(segment)}`;
  }
  return text;
}

/** Gathers the problems of one file, whoever finds them. */
export class Problems {
  readonly #file: string;
  readonly #placeOf: (offset: number) => { line: number; col: number };
  readonly #found = new Map<string, Problem>();

  readonly #paths = new Set<string>();

  constructor(file: string, placeOf: (offset: number) => { line: number; col: number }) {
    this.#file = file;
    this.#placeOf = placeOf;
  }

  /** `offset` in characters from the start of the text; undefined: the file as a whole. The same one twice is kept once. */
  add(offset: number | undefined, path: Path, message: string): void {
    const { line, col } = offset === undefined ? { line: 0, col: 0 } : this.#placeOf(offset);
    const problem = { file: this.#file, line, column: col, path: formatPath(path), message };
    this.#paths.add(problem.path);
    this.#found.set(formatProblem(problem), problem);
  }

  /** True if there is a problem with just this path already: what follows from it need not be said. */
  knows(path: Path): boolean {
    return this.#paths.has(formatPath(path));
  }

  /** `line 12` of an offset. */
  say(offset: number): string {
    return `line ${this.#placeOf(offset).line}`;
  }

  get count(): number {
    return this.#found.size;
  }

  /** From the top of the file to its end. */
  list(): Problem[] {
    return [...this.#found.values()].sort((a, b) => a.line - b.line || a.column - b.column);
  }
}
