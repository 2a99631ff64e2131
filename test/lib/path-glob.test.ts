import { expect, test } from "vitest";
import { parsePathGlob, positionsAtRoot, positionsIn, takesFile } from "../../src/lib/path-glob.ts";

/** Whether a pattern takes a path, on the way a walk goes: folder by folder. */
function takes(pattern: string, path: string): boolean {
  const glob = parsePathGlob(pattern);
  if ("problem" in glob || !path.startsWith(`${glob.root}/`)) return false;
  const folders = path.slice(glob.root.length + 1).split("/");
  const name = folders.pop() ?? "";
  const at = folders.reduce(
    (now, folder) => positionsIn(glob.pattern, now, folder),
    positionsAtRoot(glob.pattern),
  );
  return takesFile(glob.pattern, at, name);
}

test("a pattern begins in the longest part without wildcards", () => {
  expect(parsePathGlob("/var/log/a*/b/*.log")).toEqual({ root: "/var/log", pattern: ["a*", "b", "*.log"] });
  expect(parsePathGlob("/data/core")).toEqual({ root: "/data", pattern: ["core"] });
  expect(parsePathGlob("/*")).toEqual({ root: "/", pattern: ["*"] });
});

test("* and ? stay within a name and do not take a dot in front", () => {
  expect(takes("/d/*.log", "/d/a.log")).toBe(true);
  expect(takes("/d/*.log", "/d/a.log.1")).toBe(false);
  expect(takes("/d/*.log", "/d/x/a.log")).toBe(false);
  expect(takes("/d/*", "/d/.hidden")).toBe(false);
  expect(takes("/d/?a", "/d/.a")).toBe(false);
  expect(takes("/d/.*", "/d/.hidden")).toBe(true);
  expect(takes("/d/a?c*", "/d/abc")).toBe(true);
  expect(takes("/d/a?c", "/d/ac")).toBe(false);
  expect(takes("/d/*a*b*", "/d/xxaxxbxx")).toBe(true);
  expect(takes("/d/*a*b", "/d/xxbxxa")).toBe(false);
  expect(takes("/d/*/x", "/d/-rf/x")).toBe(true);
  expect(takes("/d/*", "/d/a\nb")).toBe(true);
});

test("** is any number of folders, hidden ones not among them", () => {
  for (const path of ["/d/a.tmp", "/d/x/a.tmp", "/d/x/y/a.tmp"])
    expect(takes("/d/**/*.tmp", path)).toBe(true);
  expect(takes("/d/**/*.tmp", "/d/.git/a.tmp")).toBe(false);
  expect(takes("/d/**/.git/*.tmp", "/d/x/.git/a.tmp")).toBe(true);
  expect(takes("/d/**/x/**/*.tmp", "/d/a/x/b/c.tmp")).toBe(true);
  expect(takes("/d/**/x/**/*.tmp", "/d/a/b/c.tmp")).toBe(false);
});

test("a name made to be slow is not", () => {
  const began = performance.now();
  expect(takes(`/d/${"a*".repeat(60)}b`, `/d/${"a".repeat(255)}`)).toBe(false);
  expect(performance.now() - began).toBeLessThan(1_000);
});
