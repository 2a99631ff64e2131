import { formatDuration } from "../lib/duration.ts";
import { messageOf } from "../model/errors.ts";
import type { Look } from "../model/observation.ts";

/** After its timeout a look has this many milliseconds to say, itself, why it could not tell. */
const lastWord = 100;

/** What one bounded look came to. */
export interface BoundedLook {
  /** By the timeout at the latest, but for a last word. Never rejects. */
  readonly look: Promise<Look>;
  /** When the look has really ended, be it long after it was abandoned. Never rejects. */
  readonly ended: Promise<void>;
}

/** Runs one look under a timeout in milliseconds. A look that throws, or gives nothing, is a fault of healq: `unknown`, with its message. */
export function boundedLook(
  observe: (signal: AbortSignal) => Promise<Look> | Look,
  timeout: number,
): BoundedLook {
  const controller = new AbortController();
  const told = start(observe, controller.signal);
  if (!(told instanceof Promise)) return { look: Promise.resolve(told), ended: Promise.resolve() };
  const look = new Promise<Look>((resolve) => {
    let late: NodeJS.Timeout | undefined;
    const noAnswer = unknownLook(`no answer within ${formatDuration(timeout)}`);
    const timer = setTimeout(() => {
      late = setTimeout(() => resolve(noAnswer), lastWord);
      controller.abort(new Error("the look took too long"));
    }, timeout);
    told.then((answer) => {
      clearTimeout(timer);
      clearTimeout(late);
      // What a look claims to have found after it was aborted may be the abort itself; only its own `unknown` is trusted.
      resolve(late === undefined || answer.status === "unknown" ? answer : noAnswer);
    });
  });
  return { look, ended: told.then(() => undefined) };
}

/** A look that could not tell. */
function unknownLook(message: string): Look {
  return { status: "unknown", findings: [], metrics: {}, message };
}

/** Begins the look; the result is no promise when the look is over already. */
function start(
  observe: (signal: AbortSignal) => Promise<Look> | Look,
  signal: AbortSignal,
): Promise<Look> | Look {
  try {
    const told = observe(signal);
    if (!(told instanceof Promise)) return checked(told);
    return told.then(checked).catch((error: unknown) => failed(error, signal));
  } catch (error) {
    return failed(error, signal);
  }
}

/** Kinds are checked by the compiler, but a promise of nothing is easily written. */
function checked(look: Look | undefined): Look {
  return look ?? unknownLook("the look gave no result");
}

function failed(error: unknown, signal: AbortSignal): Look {
  if (signal.aborted) return unknownLook(messageOf(signal.reason));
  return unknownLook(`the look failed: ${messageOf(error)}`);
}
