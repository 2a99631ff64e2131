import { expect, test } from "vitest";
import { orAborted } from "../../src/lib/or-aborted.ts";

const never = new Promise<never>(() => undefined);

test("waiting ends with the signal's reason as soon as it aborts, also when it had aborted before", async () => {
  const stop = new AbortController();
  const waiting = orAborted(never, stop.signal);
  stop.abort(new Error("healq stops"));
  await expect(waiting).rejects.toThrow("healq stops");
  await expect(orAborted(never, stop.signal)).rejects.toThrow("healq stops");
});

test("what the work comes to is handed on, and nothing is left listening to the signal", async () => {
  const { signal } = new AbortController();
  let listening = 0;
  const counted = Object.assign(signal, {
    addEventListener: (...args: Parameters<AbortSignal["addEventListener"]>) => {
      listening += 1;
      EventTarget.prototype.addEventListener.apply(signal, args);
    },
    removeEventListener: (...args: Parameters<AbortSignal["removeEventListener"]>) => {
      listening -= 1;
      EventTarget.prototype.removeEventListener.apply(signal, args);
    },
  });
  expect(await orAborted(Promise.resolve(1), counted)).toBe(1);
  await expect(orAborted(Promise.reject(new Error("no")), counted)).rejects.toThrow("no");
  expect(listening).toBe(0);
});
