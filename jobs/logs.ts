import { processSpecOf } from "../src/checks/process-spec.ts";
import { type Config, isOn } from "../src/model/config.ts";
import type { LogAnswer } from "../src/queues/ask-for-logs.ts";
import type { Payloads } from "../src/queues/catalogue.ts";
import { lastLines } from "../src/system/last-lines.ts";
import { readAtOnce, readOn } from "../src/system/read-on.ts";

/** At most so much of a log goes over Redis at once, in bytes. */
const atMost = 256 * 1024;

/** Reads the log of a process of this node for a person on another one. Secrets are removed before it leaves the node. */
export function readLogs(
  { target: id, lines, after, follow = false }: Payloads["logs:read"],
  { config, redact }: { config: Config; redact: (text: string) => string },
): LogAnswer {
  const target = config.targets.get(id);
  if (target === undefined || !isOn(target, config.node))
    return { error: { code: "unknown-target", message: `${config.node} has no target named ${id}` } };
  const path = target.kind === "process" ? processSpecOf(target, config.stateDir)?.log.path : undefined;
  if (path === undefined) {
    const message = `healq does not start ${id}, so it does not have its output`;
    return { error: { code: "no-log", message } };
  }
  const part = after === undefined ? endOf(path, { lines, follow }) : readAfter(path, after);
  return { ...part, text: redact(part.text) };
}

type Part = Exclude<LogAnswer, { error: unknown }>;

function endOf(path: string, { lines, follow }: { lines: number; follow: boolean }): Part {
  const end = lastLines(path, lines, { atMost });
  if (end === undefined) return { text: "", more: false, cut: false };
  // Half a line could be half a secret: who goes on reading gets it whole.
  const held = follow ? Buffer.byteLength(end.text.slice(end.text.lastIndexOf("\n") + 1)) : 0;
  const next = { offset: end.offset - held, file: end.file };
  const text = held === 0 ? end.text : end.text.slice(0, end.text.lastIndexOf("\n") + 1);
  return { text, next, more: false, cut: end.cut };
}

/** Whole lines after a place; a line that is longer than one read comes in pieces. */
function readAfter(path: string, after: NonNullable<Payloads["logs:read"]["after"]>): Part {
  const news = readOn(path, after);
  if (news === undefined) return { text: "", next: after, more: false, cut: false };
  const full = news.bytes.length === readAtOnce;
  const ends = news.bytes.lastIndexOf(0x0a) + 1;
  const length = ends === 0 && full ? news.bytes.length : ends;
  const next = { offset: news.offset - news.bytes.length + length, file: news.file };
  return { text: news.bytes.subarray(0, length).toString("utf8"), next, more: full, cut: false };
}
