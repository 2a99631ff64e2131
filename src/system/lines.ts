/** A line longer than this is no request of ours. Characters. */
const longest = 1024 * 1024;

/** Cuts a stream into lines; the result takes each piece, and is false once a line is too long. */
export function lineReader(onLine: (line: string) => void): (bytes: Buffer) => boolean {
  let rest = "";
  const decoder = new TextDecoder();
  return (bytes) => {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line.trim() !== "") onLine(line);
    return rest.length <= longest;
  };
}
