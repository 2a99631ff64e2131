import { setTimeout as wait } from "node:timers/promises";
import { exitCodes } from "../model/errors.ts";
import { paint, toneOf } from "../views/colour.ts";
import type { TargetView } from "../views/status.ts";
import { statusTable } from "../views/status-table.ts";
import { visible } from "../views/text.ts";
import type { CommandContext } from "./context.ts";
import { untilInterrupted } from "./interrupt.ts";
import type { ShownStatus } from "./shown-status.ts";

/** Between two readings, in milliseconds. */
const every = 1_000;

/** ANSI: to the top left; to the end of the line; to the end of the screen. */
const home = "\u001b[H";
const clearLine = "\u001b[K";
const clearBelow = "\u001b[J";
const clearAll = "\u001b[2J";

/**
 * `healq status --watch` until Ctrl-C: on a terminal the table is redrawn in place each second; elsewhere each target
 * is a line when it is first seen and whenever it changes (with `--json` one object a line).
 */
export async function watchStatus(
  context: CommandContext,
  read: () => Promise<ShownStatus>,
): Promise<number> {
  const { signal, off } = untilInterrupted();
  const show = context.terminal.isTty && !context.json ? inPlace(context) : asChanges(context);
  try {
    while (!signal.aborted) {
      show(await read());
      await wait(every, undefined, { signal }).catch(() => undefined);
    }
  } finally {
    off();
  }
  return exitCodes.ok;
}

function inPlace({ terminal }: CommandContext): (shown: ShownStatus) => void {
  terminal.out(clearAll);
  return ({ view, pauses, note }) => {
    const table = statusTable(view, { ...terminal.style(), pauses });
    const lines = [
      `healq status of ${view.node} at ${view.at.slice(11, 19)} UTC, Ctrl-C ends`,
      ...(note?.split("\n") ?? []),
      "",
      ...table.split("\n"),
    ];
    terminal.out(`${home}${lines.map((line) => `${line}${clearLine}`).join("\n")}${clearBelow}`);
  };
}

function asChanges({ terminal, json }: CommandContext): (shown: ShownStatus) => void {
  const seen = new Map<string, string>();
  let said: string | undefined;
  return ({ view, note }) => {
    const source = note === undefined ? "redis" : "status.json";
    if (note !== undefined && source !== said) terminal.note(note);
    said = source;
    for (const target of view.targets) {
      const place = `${target.node}/${target.id}`;
      const now = [target.status, target.phase, target.state, target.pid].join(" ");
      if (seen.get(place) === now) continue;
      seen.set(place, now);
      if (json) terminal.jsonLine({ at: view.at, ...target });
      else terminal.out(changeLine(view.at, target, terminal.style().colour));
    }
  };
}

function changeLine(at: string, target: TargetView, colour: boolean): string {
  const what = [
    paint(target.status, toneOf(target.status), { colour }),
    target.phase,
    target.state,
    target.pid,
  ]
    .filter((part) => part !== null)
    .join("  ");
  return `${at}  ${visible(target.id)}  ${what}  ${visible(target.message)}\n`;
}
