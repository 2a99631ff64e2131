import { readFileSync } from "node:fs";
import { endianness } from "node:os";

/** Where the kernel tells every program its units. Source: getauxval(3), AT_PAGESZ and AT_CLKTCK in elf.h. */
const auxv = { pageSize: 6, clockTicks: 17 } as const;

const narrow: readonly string[] = ["arm", "ia32", "mips", "mipsel"];

let known: { readonly pageSize: number; readonly clockTicks: number } | undefined;

/** Bytes of a page of memory and clock ticks of a second, as /proc counts them; 4096 and 100 where it is not told. */
export function kernelUnits(): { readonly pageSize: number; readonly clockTicks: number } {
  known ??= readUnits();
  return known;
}

function readUnits(): { pageSize: number; clockTicks: number } {
  const units = { pageSize: 4096, clockTicks: 100 };
  try {
    const pairs = readWords(readFileSync("/proc/self/auxv"));
    for (let at = 0; at + 1 < pairs.length; at += 2) {
      if (pairs[at] === auxv.pageSize) units.pageSize = pairs[at + 1] ?? units.pageSize;
      if (pairs[at] === auxv.clockTicks) units.clockTicks = pairs[at + 1] ?? units.clockTicks;
    }
  } catch {
    // No /proc: the usual values are the best guess there is.
  }
  return units;
}

function readWords(bytes: Buffer): number[] {
  const size = narrow.includes(process.arch) ? 4 : 8;
  const little = endianness() === "LE";
  const words: number[] = [];
  for (let at = 0; at + size <= bytes.length; at += size) {
    if (size === 4) words.push(little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
    else words.push(Number(little ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at)));
  }
  return words;
}
