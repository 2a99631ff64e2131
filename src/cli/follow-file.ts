import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { StringDecoder } from "node:string_decoder";
import { setTimeout as wait } from "node:timers/promises";

/** Between two looks at the file, in milliseconds. */
const every = 200;
const chunk = 64 * 1024;

/**
 * What is written to a file from an offset on, until aborted. Another file under the path, or a shorter one (rotation by
 * copy and truncate), is read from its start. A file that is away for a while is waited for.
 */
export async function* followFile(
  path: string,
  from: { offset: number; file: string } | undefined,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let { offset, file } = from ?? { offset: 0, file: "" };
  let decoder = new StringDecoder("utf8");
  while (!signal.aborted) {
    const news = readFrom(path, { offset, file });
    if (news === undefined || news.bytes.length === 0) {
      await wait(every, undefined, { signal }).catch(() => undefined);
      continue;
    }
    if (news.anew) decoder = new StringDecoder("utf8");
    offset = news.offset;
    file = news.file;
    yield decoder.write(news.bytes);
  }
}

/** At most one chunk after the known place; undefined when the file cannot be read now. */
function readFrom(
  path: string,
  known: { offset: number; file: string },
): { bytes: Buffer; offset: number; file: string; anew: boolean } | undefined {
  let fd: number | undefined;
  try {
    fd = openSync(path, "r");
    const { size, dev, ino } = fstatSync(fd);
    const file = `${dev}:${ino}`;
    const anew = file !== known.file || size < known.offset;
    const start = anew ? 0 : known.offset;
    const bytes = Buffer.alloc(Math.min(chunk, size - start));
    const read = readSync(fd, bytes, 0, bytes.length, start);
    return { bytes: bytes.subarray(0, read), offset: start + read, file, anew };
  } catch {
    return undefined;
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}
