import { plain } from "./looks.ts";
import { parsePerfdata } from "./perfdata.ts";

/** What a Nagios plugin said. */
interface PluginOutput {
  /** The first line, without its performance data; empty if there is none. */
  readonly message: string;
  readonly metrics: Readonly<Record<string, number>>;
}

/**
 * Reads a plugin's output: `text | perfdata`, then long text, and after a second `|` more perfdata. Untrusted.
 * Source: the Nagios plugin API, "Plugin output spec".
 */
export function readPluginOutput(output: string): PluginOutput {
  const [first = "", ...rest] = output.split("\n");
  const [message = "", firstData = ""] = splitAtBar(first);
  const [, moreData = ""] = splitAtBar(rest.join("\n"));
  return { message: plain(message), metrics: parsePerfdata(`${firstData} ${moreData}`) };
}

function splitAtBar(text: string): [string, string] {
  const bar = text.indexOf("|");
  return bar < 0 ? [text, ""] : [text.slice(0, bar), text.slice(bar + 1)];
}
