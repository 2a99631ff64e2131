import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { problemsOfFile } from "./load.ts";

// One bad file per rule; its last lines say what must be found in it: all of it, and nothing else.
const folder = join(import.meta.dirname, "bad");
const env = { WORD: "word", NUMBER: "5" };

describe("a bad config", () => {
  it.each(readdirSync(folder))("%s is refused with each problem at its place", async (name) => {
    const file = join(folder, name);
    const expected = [...readFileSync(file, "utf8").matchAll(/^# expect (.*)$/gm)].map(([, line]) => line);
    expect(expected).not.toEqual([]);
    expect(await problemsOfFile(file, env)).toEqual(expected);
  });

  it("with four different errors gives four errors with their places", async () => {
    const found = await problemsOfFile(join(folder, "four-errors.yaml"));
    expect(found.map((problem) => problem.split(" ")[0])).toEqual(["2:27:", "3:16:", "4:45:", "5:41:"]);
  });
});
