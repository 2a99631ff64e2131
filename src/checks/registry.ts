import type { AnyKind } from "../model/kind.ts";
import { command } from "./command.ts";
import { config } from "./config.ts";
import { cpu } from "./cpu.ts";
import { disk } from "./disk.ts";
import { file } from "./file.ts";
import { heartbeat } from "./heartbeat.ts";
import { http } from "./http.ts";
import { log } from "./log.ts";
import { memory } from "./memory.ts";
import { mysql } from "./mysql.ts";
import { postgres } from "./postgres.ts";
import { processKind } from "./process.ts";
import { queue } from "./queue.ts";
import { requires } from "./requires.ts";
import { sqlite } from "./sqlite.ts";
import { tcp } from "./tcp.ts";
import { tmuxKind } from "./tmux.ts";

/** All kinds of targets, in the order they are shown. */
export const kinds: readonly AnyKind[] = [
  processKind,
  file,
  http,
  tcp,
  heartbeat,
  command,
  config,
  requires,
  sqlite,
  disk,
  memory,
  cpu,
  mysql,
  queue,
  log,
  tmuxKind,
  postgres,
];

const byName = new Map(kinds.map((kind) => [kind.kind, kind]));

/** The kind of that name, if there is one. */
export function kindOf(name: string): AnyKind | undefined {
  return byName.get(name);
}
