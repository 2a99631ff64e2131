import { orAborted } from "./or-aborted.ts";

/** Questions that are put together: all that come in the same turn of the event loop are one call. */
export interface Batch<Answer> {
  /** The answer to one name; rejects when `signal` aborts, or `run` does. The call ends when nobody waits for it any more. */
  ask(name: string, signal: AbortSignal): Promise<Answer>;
}

/** Gets each name once, and gives a function that tells the answer to each. */
export type AskAll<Answer> = (
  names: readonly string[],
  signal: AbortSignal,
) => Promise<(name: string) => Answer>;

/** One call, and who waits for it. */
interface Call<Answer> {
  readonly names: Set<string>;
  readonly answers: Promise<(name: string) => Answer>;
  readonly end: AbortController;
  waiting: number;
}

/** Makes one. */
export function batch<Answer>(run: AskAll<Answer>): Batch<Answer> {
  let open: Call<Answer> | undefined;
  const begin = (): Call<Answer> => {
    const names = new Set<string>();
    const end = new AbortController();
    const answers = new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
      open = undefined;
      return run([...names], end.signal);
    });
    return { names, answers, end, waiting: 0 };
  };
  return {
    ask: async (name, signal) => {
      open ??= begin();
      const call = open;
      call.names.add(name);
      call.waiting += 1;
      try {
        const answerTo = await orAborted(call.answers, signal);
        return answerTo(name);
      } finally {
        call.waiting -= 1;
        if (call.waiting === 0) call.end.abort();
      }
    },
  };
}
