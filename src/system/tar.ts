/** One file of an archive. */
export interface TarEntry {
  /** Without a slash in front. */
  readonly name: string;
  /** Bytes; `content` must give exactly so many. */
  readonly size: number;
  /** Permission bits. */
  readonly mode: number;
  /** Seconds since the epoch. */
  readonly mtime: number;
  content(): AsyncIterable<Buffer>;
}

const block = 512;

/** The bytes of a tar archive, as `pax` writes it. Throws when a file gives more or fewer bytes than it said. Source: pax(1) of POSIX, "ustar Interchange Format". */
export async function* tar(entries: Iterable<TarEntry>): AsyncGenerator<Buffer> {
  for (const entry of entries) {
    yield* extended(entry);
    yield header(entry, "0");
    let given = 0;
    for await (const chunk of entry.content()) {
      given += chunk.length;
      if (given > entry.size) break;
      yield chunk;
    }
    if (given !== entry.size) throw new Error(`/${entry.name} changed while it was archived`);
    yield padding(entry.size);
  }
  yield Buffer.alloc(2 * block);
}

/** What does not fit into a header stands in records of its own before it: long names, names that are not ASCII, 8 GiB and more. */
function extended(entry: TarEntry): Buffer[] {
  const fits = /^[\x20-\x7e]{1,100}$/.test(entry.name) && entry.size < 8 ** 11;
  if (fits) return [];
  const records = Buffer.from(record("path", entry.name) + record("size", String(entry.size)));
  const about = { ...entry, name: "pax", size: records.length };
  return [header(about, "x"), records, padding(records.length)];
}

/** `LENGTH KEY=VALUE\n`, where the length counts its own digits. */
function record(key: string, value: string): string {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes;
  while (length !== bytes + String(length).length) length = bytes + String(length).length;
  return `${length}${rest}`;
}

function header({ name, size, mode, mtime }: Omit<TarEntry, "content">, type: "0" | "x"): Buffer {
  const bytes = Buffer.alloc(block);
  bytes.write(name.slice(0, 100), 0, 100, "utf8");
  const numbers: [number, number, number][] = [
    [mode & 0o7777, 100, 8],
    [0, 108, 8],
    [0, 116, 8],
    // A size that does not fit is in the record before.
    [size < 8 ** 11 ? size : 0, 124, 12],
    [Math.max(0, Math.floor(mtime)), 136, 12],
  ];
  for (const [value, at, width] of numbers) bytes.write(octal(value, width), at, "latin1");
  bytes.write(type, 156, "latin1");
  bytes.write("ustar\x0000", 257, "latin1");
  // The sum is counted with blanks in its own place.
  bytes.fill(" ", 148, 156);
  const sum = bytes.reduce((total, byte) => total + byte, 0);
  bytes.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148, "latin1");
  return bytes;
}

function octal(value: number, width: number): string {
  return `${value.toString(8).padStart(width - 1, "0")}\0`;
}

function padding(size: number): Buffer {
  return Buffer.alloc((block - (size % block)) % block);
}
