import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import * as z from "zod";
import { writeAtomic } from "../../src/system/atomic.ts";
import { createJsonReader } from "../../src/system/json-reader.ts";
import { scratch } from "../support/scratch.ts";

test("a file is read anew each time it was replaced, and only then", () => {
  const path = join(scratch(), "a.json");
  const read = createJsonReader(z.object({ n: z.number() }));
  expect(read(path)).toBeUndefined();
  // Replaced many times within a millisecond, by texts of one length.
  for (let n = 100; n < 150; n += 1) {
    writeAtomic(path, JSON.stringify({ n }), { durable: false });
    expect(read(path)).toEqual({ n });
    expect(read(path)).toBe(read(path));
  }
  writeFileSync(path, "garbage");
  expect(read(path)).toBeUndefined();
  rmSync(path);
  expect(read(path)).toBeUndefined();
});
