/** What was started, to be stopped in reverse order. */
export interface Releasers {
  /** `release` is called once, bounded by `within` milliseconds (default 10 s). */
  add(name: string, release: () => unknown, within?: number): void;
  /** Stops all, the newest first; what fails or takes too long is told to `onProblem` and holds up nothing. Idempotent. */
  release(): Promise<void>;
}

const defaultWithin = 10_000;

/** Creates an empty list. */
export function createReleasers(onProblem: (name: string, problem: string) => void): Releasers {
  const held: { name: string; release: () => unknown; within: number }[] = [];
  let released: Promise<void> | undefined;
  const all = async () => {
    for (let one = held.pop(); one !== undefined; one = held.pop()) {
      const problem = await bounded(one.release, one.within);
      if (problem !== undefined) onProblem(one.name, problem);
    }
  };
  return {
    add: (name, release, within = defaultWithin) => held.push({ name, release, within }),
    release: () => {
      released ??= all();
      return released;
    },
  };
}

/** Says what went wrong, if anything did. */
async function bounded(work: () => unknown, within: number): Promise<string | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`not within ${within} ms`), within);
  });
  try {
    return await Promise.race([Promise.resolve(work()).then(() => undefined), late]);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    clearTimeout(timer);
  }
}
