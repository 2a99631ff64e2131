import { expect, test } from "vitest";
import { rootsOf } from "../../src/checks/lock-waits.ts";
import { shownStatement } from "../../src/checks/statement-text.ts";

const wait = (pid: number, blockers: number[], ms = 1_000) => ({ pid, blockers, ms });

test("the root of a chain is who waits for nobody; pids that are named twice count once", () => {
  expect(rootsOf([wait(2, [1, 1, 1]), wait(3, [2, 2], 5_000), wait(4, [3])])).toEqual([
    { pid: 1, blocks: 3, longestMs: 5_000, chain: [1, 2, 3, 4] },
  ]);
});

test("those before it in the queue are no roots; several roots come with the one first that blocks most", () => {
  const roots = rootsOf([wait(2, [1]), wait(3, [1, 2]), wait(4, [1, 2, 3]), wait(9, [8])]);
  expect(roots.map(({ pid, blocks }) => [pid, blocks])).toEqual([
    [1, 3],
    [8, 1],
  ]);
});

test("a ring has no root, and does not hold up the search; a prepared transaction is the root 0", () => {
  expect(rootsOf([wait(1, [2]), wait(2, [1])])).toEqual([]);
  expect(rootsOf([wait(1, [2]), wait(2, [1, 0])])).toMatchObject([{ pid: 0, blocks: 2 }]);
  expect(rootsOf([])).toEqual([]);
});

test("three hundred that wait in one queue are no work", () => {
  const queue = Array.from({ length: 300 }, (_, n) =>
    wait(
      n + 2,
      Array.from({ length: n + 1 }, (_, m) => m + 1),
    ),
  );
  const began = performance.now();
  expect(rootsOf(queue)).toMatchObject([{ pid: 1, blocks: 300 }]);
  expect(performance.now() - began).toBeLessThan(5_000);
});

test("a statement is shown without the texts in it, also when its end was cut off", () => {
  expect(shownStatement("UPDATE u SET a = 'it''s ann',\n b = 2")).toBe("UPDATE u SET a = '…', b = 2");
  expect(shownStatement("ALTER ROLE x PASSWORD 'hunter2")).toBe("ALTER ROLE x PASSWORD '…'");
  expect(shownStatement("DO $x$ secret $x$ + $$ more")).toBe("DO '…' + '…'");
});
