import type { NodeView } from "./node.ts";
import { type TableStyle, table } from "./table.ts";
import { age } from "./time.ts";

/** The nodes for a person. `now` in milliseconds since the epoch. */
export function nodeTable(views: readonly NodeView[], style: TableStyle & { readonly now: number }): string {
  if (views.length === 0) return "no node has been seen yet; start one with `healq up`\n";
  const since = (at: string | null): string => (at === null ? "" : age(style.now - Date.parse(at)));
  return table<NodeView>(
    views,
    [
      { head: "NODE", text: (row) => row.node },
      {
        head: "ALIVE",
        text: (row) => (row.alive ? "yes" : "no"),
        tone: (row) => (row.alive ? "good" : "bad"),
      },
      { head: "PID", text: (row) => (row.pid === null ? "" : String(row.pid)), optional: true, right: true },
      { head: "TARGETS", text: (row) => String(row.targets), right: true },
      { head: "UP", text: (row) => (row.alive ? since(row.startedAt) : ""), optional: true, right: true },
      { head: "SEEN", text: (row) => since(row.seenAt), optional: true, right: true },
      { head: "VERSION", text: (row) => row.version ?? "", optional: true },
      { head: "HOST", text: (row) => row.host ?? "", optional: true },
    ],
    style,
  );
}
