import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { expect, test } from "vitest";
import { withSignal } from "../../src/lib/with-signal.ts";

/** Resolves when the signal aborts. */
const aborted = (signal: AbortSignal): Promise<unknown> =>
  new Promise((resolve) => signal.addEventListener("abort", () => resolve(signal.reason), { once: true }));

test("the first to abort ends the work, with its reason", async () => {
  const [one, two] = [new AbortController(), new AbortController()];
  const ended = withSignal({ signals: [one.signal, two.signal], timeout: 60_000 }, aborted);
  two.abort("enough");
  one.abort("too late");
  expect(await ended).toBe("enough");
});

test("a signal that has aborted already is seen at once", async () => {
  const seen = await withSignal({ signals: [AbortSignal.abort("before")] }, async ({ reason }) => reason);
  expect(seen).toBe("before");
});

test("the time ends it too, whatever the garbage collector takes meanwhile", async () => {
  setFlagsFromString("--expose-gc");
  const collect: () => void = runInNewContext("gc");
  const ended = Promise.all(
    Array.from({ length: 50 }, () =>
      withSignal({ signals: [new AbortController().signal], timeout: 50 }, aborted),
    ),
  );
  const timer = setInterval(collect, 10);
  const reasons = await ended.finally(() => clearInterval(timer));
  expect(reasons).toEqual(Array(50).fill(expect.objectContaining({ name: "TimeoutError" })));
});

test("what the work comes to is passed on, and nothing is listened to afterwards", async () => {
  const source = new AbortController();
  let kept: AbortSignal | undefined;
  const work = async (signal: AbortSignal) => {
    kept = signal;
    return 5;
  };
  expect(await withSignal({ signals: [source.signal], timeout: 10 }, work)).toBe(5);
  source.abort();
  expect(kept?.aborted).toBe(false);
  await expect(withSignal({ signals: [] }, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
});
