import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import * as z from "zod";
import { formatDuration } from "../lib/duration.ts";
import type { Config } from "../model/config.ts";
import { messageOf } from "../model/errors.ts";
import type { Pause } from "../model/fleet.ts";
import { phases } from "../model/phase.ts";
import { processStates } from "../model/process.ts";
import { statuses } from "../model/status.ts";
import { askHolder } from "../system/lock-holder.ts";
import { socketPath } from "../system/short-socket.ts";
import { openWishes } from "../system/wishes.ts";
import type { StatusView } from "./status.ts";
import { type StatusFileEntry, statusFileView } from "./status-file.ts";

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

/** What a node knows of itself without Redis. */
export interface LocalStatus {
  readonly view: StatusView;
  readonly pauses: readonly Pause[];
  readonly file: string;
  /** How long ago the file was written, for a person. */
  readonly age: string;
}

/**
 * This node's status from `stateDir/status.json`, with how old it is. When no supervisor runs that keeps it up to date, what it
 * says is of the past: every target is `unknown`. Undefined when there is no such file, or garbage in it.
 */
export async function readLocalStatus(config: Config, now: number): Promise<LocalStatus | undefined> {
  const file = join(config.stateDir, "status.json");
  const entries = readEntries(file);
  if (entries === undefined) return undefined;
  const isSupervised = (await askHolder(socketPath(config.stateDir, "healq.sock"))) !== undefined;
  const age = formatDuration(Math.max(0, now - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now)));
  const said = isSupervised ? `as written to status.json ${age} ago` : "healq is not running here";
  const pauses = pausesOf(config, now);
  const shown = isSupervised ? entries : outdated(entries);
  return { view: statusFileView(config, { entries: shown, pauses, now, said }), pauses, file, age };
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
