/** How the CLI exits (contract §2). */
export const exitCodes = { ok: 0, bad: 1, usage: 2, unreachable: 3 } as const;

/** An expected failure with a message for people: what is wrong, where, what to do. Never shown with a stack trace. */
export class HealqError extends Error {
  readonly code: string;
  readonly exitCode: number;

  constructor(code: string, message: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.code = code;
    this.exitCode = options.exitCode ?? exitCodes.bad;
  }
}

/** A wrong flag, argument or config. */
export class UsageError extends HealqError {
  constructor(message: string) {
    super("usage", message, { exitCode: exitCodes.usage });
  }
}

/** healq or Redis cannot be reached. */
export class UnreachableError extends HealqError {
  constructor(message: string, cause?: unknown) {
    super("unreachable", message, { exitCode: exitCodes.unreachable, cause });
  }
}

/** A person stopped or paused the target while a cure was under way: it ends here, as `skipped`. */
export class GuardClosed extends HealqError {
  constructor(reason: string) {
    super("guard-closed", reason);
  }
}

/** The message of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
