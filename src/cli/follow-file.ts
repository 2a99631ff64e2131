import { StringDecoder } from "node:string_decoder";
import { setTimeout as wait } from "node:timers/promises";
import { type FilePlace, readOn } from "../system/read-on.ts";

/** Between two looks at the file, in milliseconds. */
const every = 200;

/**
 * What is written to a file from an offset on, until aborted. Another file under the path, or a shorter one (rotation by
 * copy and truncate), is read from its start. A file that is away for a while is waited for.
 */
export async function* followFile(
  path: string,
  from: FilePlace | undefined,
  signal: AbortSignal,
): AsyncGenerator<string> {
  let { offset, file } = from ?? { offset: 0, file: "" };
  let decoder = new StringDecoder("utf8");
  while (!signal.aborted) {
    const news = readOn(path, { offset, file });
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
