import { describe, expect, it } from "vitest";
import { columnsOf, truncate, visible, visibleLines, wrap } from "../../src/views/text.ts";

describe("visible", () => {
  it("shows terminal sequences, line ends and direction overrides instead of emitting them", () => {
    expect(visible("a\u001b[31mb\nc\rd\te\u009bf\u202eg")).toBe("a\\x1b[31mb\\nc\\rd\\te\\x9bf\\u202eg");
  });

  it("leaves ordinary text of any script alone", () => {
    expect(visible("naïve 日本 ❤ μs")).toBe("naïve 日本 ❤ μs");
  });

  it("keeps lines and tabs of a log, and nothing else that a terminal acts on", () => {
    expect(visibleLines("a\r\nb\tc\u0007\rd\n")).toBe("a\nb\tc\\x07\\rd\n");
  });
});

describe("width", () => {
  it("counts wide characters as two columns and combining ones as none", () => {
    expect(columnsOf("ab")).toBe(2);
    expect(columnsOf("日本")).toBe(4);
    expect(columnsOf("e\u0301")).toBe(1);
  });

  it("cuts at a column and says so", () => {
    expect(truncate("abcdef", 6)).toBe("abcdef");
    expect(truncate("abcdef", 4)).toBe("abc…");
    expect(truncate("日本語", 4)).toBe("日…");
    expect(truncate("abc", 0)).toBe("");
  });

  it("wraps at spaces, and cuts a word that is too long", () => {
    expect(wrap("one two three", 8)).toEqual(["one two", "three"]);
    expect(wrap("abcdefghij k", 4)).toEqual(["abcd", "efgh", "ij", "k"]);
  });
});
