import { fstatSync, statSync } from "node:fs";
import { join } from "node:path";
import pino, { type Logger } from "pino";

/** What cannot be written now is kept up to so many characters; later lines are dropped. */
const maxLength = 1024 * 1024;

/** healq's own log: `logs/healq.log` under `stateDir`, and standard error, readable at a terminal. Secrets are removed from every line. */
export async function openLog(options: {
  stateDir: string;
  level: "info" | "debug";
  json: boolean;
  redact: (text: string) => string;
}): Promise<{ log: Logger; file: string }> {
  const { stateDir, level, json, redact } = options;
  const file = join(stateDir, "logs", "healq.log");
  const toFile = pino.destination({ dest: file, append: true, sync: true, mkdir: true, maxLength });
  outlast(toFile);
  const streams: pino.StreamEntry[] = [{ level, stream: redacting(toFile, redact) }];
  // A detached healq has its standard error in that file already.
  if (!isSameFile(file)) {
    const plain = json || !process.stderr.isTTY;
    const shown = plain ? pino.destination({ dest: 2, sync: true, maxLength }) : await pretty(level);
    outlast(shown);
    streams.push({ level, stream: redacting(shown, redact) });
  }
  const base = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime };
  return { log: pino(base, pino.multistream(streams)), file };
}

/** A log that cannot be written (a full disk, a closed terminal) ends nobody's healing: it goes on with what it could not write when it can. */
function outlast(stream: { on(event: "error", listener: () => void): unknown }): void {
  stream.on("error", () => undefined);
}

/** The messages say it all; the fields beside them are for programs, and for `--debug`. */
async function pretty(level: "info" | "debug"): Promise<NodeJS.WritableStream> {
  const { default: pinoPretty } = await import("pino-pretty");
  return pinoPretty({
    destination: 2,
    sync: true,
    colorize: process.env.NO_COLOR === undefined,
    translateTime: "SYS:HH:MM:ss.l",
    hideObject: level !== "debug",
    singleLine: true,
    ignore: "pid",
  });
}

function redacting(
  stream: { write(text: string): unknown },
  redact: (text: string) => string,
): pino.DestinationStream {
  return { write: (line) => void stream.write(redact(line)) };
}

function isSameFile(path: string): boolean {
  const [one, other] = [fstatSync(2), statSync(path, { throwIfNoEntry: false })];
  return other !== undefined && one.ino === other.ino && one.dev === other.dev;
}
