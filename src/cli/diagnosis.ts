/** One line of `healq doctor`. */
export interface Diagnosis {
  /** What was looked at: `node`, `redis`, `stateDir`, a target. */
  readonly about: string;
  readonly level: "ok" | "warning" | "problem";
  /** What was found. */
  readonly message: string;
  /** What to do about it; null when all is well. */
  readonly fix: string | null;
}

/** All is well. */
export function fine(about: string, message: string): Diagnosis {
  return { about, level: "ok", message, fix: null };
}

/** healq works, but something will not. */
export function warn(about: string, message: string, fix: string): Diagnosis {
  return { about, level: "warning", message, fix };
}

/** healq, or one of its targets, does not work like this. */
export function bad(about: string, message: string, fix: string): Diagnosis {
  return { about, level: "problem", message, fix };
}
