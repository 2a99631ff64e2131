/** Bytes of each unit a size may be written in: `MB` is a million, `MiB` is 1024 · 1024. */
const units: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

/** How a size is written: `512B`, `10kB`, `64MB`, `1.5GiB`. */
export const sizePattern = /^(\d{1,15}(?:\.\d{1,3})?)(B|[kKMGT]B|[KMGT]iB)$/;

/** Reads `512B`, `64MB`, `1GiB` as whole bytes; undefined for anything else, and for what no exact number can hold. */
export function parseSize(text: string): number | undefined {
  const [, amount, unit] = sizePattern.exec(text) ?? [];
  const factor = units[unit ?? ""];
  if (amount === undefined || factor === undefined) return undefined;
  const bytes = Math.round(Number(amount) * factor);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}

/** For people, in powers of a thousand with one decimal below ten: `512 B`, `1.5 kB`, `31 MB`. */
export function formatSize(bytes: number): string {
  if (bytes < 0) return `-${formatSize(-bytes)}`;
  const names = ["B", "kB", "MB", "GB", "TB"];
  let amount = bytes;
  let step = 0;
  while (amount >= 999.5 && step < names.length - 1) {
    amount /= 1_000;
    step += 1;
  }
  const shown = amount < 9.95 && step > 0 ? Math.round(amount * 10) / 10 : Math.round(amount);
  return `${shown} ${names[step]}`;
}
