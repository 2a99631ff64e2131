import { expect, test } from "vitest";
import { createLocks } from "../../jobs/locks.ts";
import { GuardClosed } from "../../src/model/errors.ts";

const never = new AbortController().signal;

/** Work that goes on until it is told to end. */
function work() {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  return { ended, end };
}

test("those who want the same target act one after the other, in the order they came; others do not wait", async () => {
  const locks = createLocks();
  const order: string[] = [];
  const first = work();
  const a = locks.hold("it", never, async () => {
    await first.ended;
    order.push("a");
  });
  const b = locks.hold("it", never, async () => order.push("b"));
  const c = locks.hold("it", never, async () => order.push("c"));
  await locks.hold("other", never, async () => order.push("other"));
  first.end();
  await Promise.all([a, b, c]);
  expect(order).toEqual(["other", "a", "b", "c"]);
});

test("work that fails lets the next one act", async () => {
  const locks = createLocks();
  const failing = locks.hold("it", never, () => Promise.reject(new Error("no")));
  const next = locks.hold("it", never, async () => "done");
  await expect(failing).rejects.toThrow("no");
  expect(await next).toBe("done");
});

test("who gives up waiting is let go at once, never acts, and holds up nobody", async () => {
  const locks = createLocks();
  const first = work();
  const a = locks.hold("it", never, () => first.ended);
  const giveUp = new AbortController();
  let acted = false;
  const b = locks.hold("it", giveUp.signal, async () => {
    acted = true;
  });
  const c = locks.hold("it", never, async () => "c");
  giveUp.abort(new Error("enough"));
  await expect(b).rejects.toThrow("enough");
  first.end();
  await a;
  expect(await c).toBe("c");
  expect(acted).toBe(false);
  await expect(locks.hold("it", giveUp.signal, async () => "d")).rejects.toThrow("enough");
});

test("an interruption is told to who acts now, not to those who wait", async () => {
  const locks = createLocks();
  locks.interrupt("it", "nobody is there");
  const first = work();
  const reasons: unknown[] = [];
  const acting = work();
  const a = locks.hold("it", never, async (signal) => {
    acting.end();
    signal.addEventListener("abort", () => first.end());
    await first.ended;
    reasons.push(signal.reason);
  });
  const b = locks.hold("it", never, async (signal) => reasons.push(signal.aborted));
  await acting.ended;
  locks.interrupt("it", "ann stopped it");
  await Promise.all([a, b]);
  expect(reasons).toEqual([new GuardClosed("ann stopped it"), false]);
});
