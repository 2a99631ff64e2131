import { createHash } from "node:crypto";
import { stripVTControlCharacters } from "node:util";
import { plain } from "../lib/plain.ts";
import { type TmuxServer, tmux } from "../system/tmux.ts";
import { without } from "./bounded-regex.ts";
import type { Session } from "./tmux-sessions.ts";

/** What stands on the screens of a session. */
export interface Screen {
  /** The same as long as nothing moved that counts. */
  readonly hash: string;
  /** The last lines, for a person. */
  readonly lines: readonly string[];
}

/** Lines of a screen that are kept as evidence. */
const keptLines = 8;

/** Reads the panes of a session by one call, without what the target says may move. */
export async function readScreen(
  server: TmuxServer,
  { panes }: Session,
  { ignore = [], signal }: { ignore?: readonly string[] | undefined; signal: AbortSignal },
): Promise<Screen | { readonly problem: string }> {
  const command = panes.flatMap((pane, index) => [
    ...(index === 0 ? [] : [";"]),
    ...["capture-pane", "-p", "-t", pane.id],
  ]);
  const told = await tmux(server, command, { signals: [signal] });
  if ("problem" in told) return told;
  if ("none" in told) return { problem: "the tmux server ended" };
  const history = panes.map((pane) => pane.history).join(" ");
  return screenOf(told.said, { ignore, history });
}

/**
 * The screen of a text. Blanks at the end of lines and empty lines do not count, nor does the `^C` that the terminal itself echoes: a
 * program that ignores C-c has not moved. Lines that have scrolled away do: one more `tick` below twenty others looks the same.
 */
export function screenOf(
  said: string,
  { ignore, history }: { ignore: readonly string[]; history: string },
): Screen | { readonly problem: string } {
  let text = stripVTControlCharacters(said).replaceAll("^C", "");
  for (const pattern of ignore) {
    const rest = without(new RegExp(pattern, "u"), text);
    if (rest === undefined) return { problem: `the pattern ${pattern} of ignore took too long` };
    text = rest;
  }
  const lines = text
    .split("\n")
    .map((each) => each.trimEnd())
    .filter((each) => each !== "");
  const hash = createHash("sha256")
    .update([history, ...lines].join("\n"))
    .digest("hex")
    .slice(0, 16);
  return { hash, lines: lines.slice(-keptLines).map(plain) };
}
