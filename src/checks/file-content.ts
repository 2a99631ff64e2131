import type { CheckContext } from "../model/kind.ts";
import type { FileFacts, FileFormat } from "../model/ports.ts";
import { isFileError } from "../system/remote-stat.ts";

/** What a look at the content came to: a problem of the file, or why it could not be told; neither when all is well. */
export interface ContentLook {
  readonly problem?: string;
  readonly cannotTell?: string;
}

interface Judged extends ContentLook {
  readonly version: string;
}

/** Parses the content. A file with the same inode, size and mtime as at the last look is not read again. */
export async function contentProblem(
  asked: { path: string; format: FileFormat; facts: FileFacts },
  context: CheckContext,
): Promise<ContentLook> {
  const { path, format, facts } = asked;
  const version = [facts.inode, facts.size, facts.mtimeMs].join(" ");
  // Only this function writes the entry.
  const last = context.memory.get("content") as Judged | undefined;
  if (last?.version === version) return last;
  const answer = await context.files.parse(path, format, context.signal);
  if (isFileError(answer)) return { cannotTell: cause(answer.error, answer.message) };
  // A write of the same size within the file system's clock tick would go unseen, so a very fresh file is read again.
  if (context.now() - facts.mtimeMs > 1_000)
    context.memory.set("content", { version, ...answer } satisfies Judged);
  return answer;
}

function cause(code: string, message: string): string {
  if (code === "EFBIG") return message;
  if (code === "ENOENT") return "vanished while it was looked at";
  if (code === "EACCES") return "cannot be read: permission denied";
  return `cannot be read: ${message}`;
}
