import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import type { Config } from "../model/config.ts";
import { messageOf, type UnreachableError } from "../model/errors.ts";
import type { Pause } from "../model/fleet.ts";
import { phases } from "../model/phase.ts";
import { processStates } from "../model/process.ts";
import { statuses } from "../model/status.ts";
import { openWishes } from "../system/wishes.ts";
import { type StatusFileEntry, statusFileView } from "../views/status-file.ts";
import { only, type ShownStatus } from "./shown-status.ts";
import { askSupervisor } from "./supervisor.ts";
import { requireKnown } from "./targets.ts";

const fileSchema = z.record(
  z.string(),
  z.object({
    pid: z
      .int()
      .nullish()
      .transform((pid) => pid ?? null),
    status: z.enum(statuses),
    phase: z.enum(phases),
    state: z
      .enum(processStates)
      .nullish()
      .transform((state) => state ?? null),
  }),
);

/**
 * This node's status from `stateDir/status.json`, saying that Redis is away and how old the file is. When no supervisor
 * runs that keeps it up to date, what it says is of the past: every target is `unknown`. Throws `unreachable` when there is no file.
 */
export async function localStatus(
  config: Config,
  names: readonly string[],
  unreachable: UnreachableError,
): Promise<ShownStatus> {
  requireKnown(names, config, []);
  const file = join(config.stateDir, "status.json");
  const entries = readEntries(file);
  if (entries === undefined) throw unreachable;
  const now = Date.now();
  const isSupervised = (await askSupervisor(config.stateDir)).at !== "absent";
  const old = formatDuration(Math.max(0, now - statSync(file).mtimeMs));
  const said = isSupervised ? `as written to status.json ${old} ago` : "healq is not running here";
  const pauses = pausesOf(config, now);
  const view = statusFileView(config, {
    entries: isSupervised ? entries : outdated(entries),
    pauses,
    now,
    said,
  });
  const note = `healq: ${unreachable.message}\nhealq: this is what ${file} says, written ${old} ago`;
  return { view: only(view, names), pauses, note };
}

function outdated(entries: Readonly<Record<string, StatusFileEntry>>): Record<string, StatusFileEntry> {
  return Object.fromEntries(
    Object.entries(entries).map(([id, entry]) => [
      id,
      { ...entry, pid: null, status: "unknown", state: null },
    ]),
  );
}

function readEntries(file: string): Readonly<Record<string, StatusFileEntry>> | undefined {
  try {
    return fileSchema.safeParse(JSON.parse(readFileSync(file, "utf8"))).data;
  } catch {
    return undefined;
  }
}

function pausesOf(config: Config, now: number): readonly Pause[] {
  try {
    return openWishes(config.stateDir).pauses(now);
  } catch (error) {
    // A file that cannot be understood stops everything, so it is shown as what it does.
    return [{ reason: messageOf(error), by: "healq", at: now }];
  }
}
