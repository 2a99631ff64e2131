import { plain } from "../lib/plain.ts";
import { parsePerfdata } from "./perfdata.ts";

/** What a Nagios plugin said. */
interface PluginOutput {
  /** The first line, without its performance data; empty if there is none. */
  readonly message: string;
  /** The first lines of the long text, for evidence. */
  readonly more: readonly string[];
  readonly metrics: Readonly<Record<string, number>>;
}

/** So many lines of long text are kept. */
const keptLines = 10;

/**
 * Reads a plugin's output: `text | perfdata`, then long text, and after a second `|` more perfdata. Untrusted.
 * Source: the Nagios plugin API, "Plugin output spec".
 */
export function readPluginOutput(output: string): PluginOutput {
  const [first = "", ...rest] = output.split("\n");
  const [message = "", firstData = ""] = splitAtBar(first);
  const [longText, moreData] = splitAtBar(rest.join("\n"));
  const lines = longText.split("\n", keptLines * 2).map(plain);
  return {
    message: plain(message),
    more: lines.filter((line) => line !== "").slice(0, keptLines),
    metrics: parsePerfdata(`${firstData} ${moreData}`),
  };
}

function splitAtBar(text: string): [string, string] {
  const bar = text.indexOf("|");
  return bar < 0 ? [text, ""] : [text.slice(0, bar), text.slice(bar + 1)];
}
