import { delimiter } from "node:path";
import { onTestFinished } from "vitest";

/** Puts a folder first on PATH until the current test ends. */
export function putOnPath(folder: string): void {
  const before = process.env.PATH;
  process.env.PATH = before === undefined ? folder : `${folder}${delimiter}${before}`;
  onTestFinished(() => {
    process.env.PATH = before;
  });
}

/** Makes a folder the whole of PATH until the current test ends. */
export function onlyPath(folder: string): void {
  const before = process.env.PATH;
  process.env.PATH = folder;
  onTestFinished(() => {
    process.env.PATH = before;
  });
}
