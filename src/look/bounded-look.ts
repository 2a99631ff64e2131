import { formatDuration } from "../lib/duration.ts";
import { messageOf } from "../model/errors.ts";
import type { Look } from "../model/observation.ts";

/** After its timeout a look has this many milliseconds to say, itself, why it could not tell. */
const lastWord = 100;

/** What a look that is not over at once comes to. */
interface BoundedLook {
  /** By the timeout at the latest, but for a last word. Never rejects. */
  readonly look: Promise<Look>;
  /** When the look has really ended, be it long after it was abandoned. Never rejects. */
  readonly ended: Promise<void>;
}

/**
 * Runs one look under a timeout in milliseconds; gives the look itself when it is over at once. A look that throws, or gives nothing,
 * is a fault of healq: `unknown`, with its message. `observe` gets a function that gives the signal.
 */
export function boundedLook(
  observe: (abort: () => AbortSignal) => Promise<Look> | Look,
  timeout: number,
): BoundedLook | Look {
  let made: AbortController | undefined;
  const controller = () => {
    made ??= new AbortController();
    return made;
  };
  const told = start(observe, controller);
  if (!(told instanceof Promise)) return told;
  const look = new Promise<Look>((resolve) => {
    let late: NodeJS.Timeout | undefined;
    const noAnswer = unknownLook(`no answer within ${formatDuration(timeout)}`);
    const timer = setTimeout(() => {
      late = setTimeout(() => resolve(noAnswer), lastWord);
      controller().abort(new Error("the look took too long"));
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
  observe: Parameters<typeof boundedLook>[0],
  controller: () => AbortController,
): Promise<Look> | Look {
  try {
    const told = observe(() => controller().signal);
    if (!(told instanceof Promise)) return checked(told);
    return told.then(checked).catch((error: unknown) => failed(error, controller().signal));
  } catch (error) {
    return failed(error, controller().signal);
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
