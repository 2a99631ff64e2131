import { chmodSync, mkdirSync, realpathSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import * as z from "zod";
import type { Identity } from "../model/process.ts";
import { readJson, writeAtomic } from "../system/atomic.ts";
import { environHas, identityOf, isAlive, listProcesses } from "../system/procfs.ts";
import { socketPath } from "../system/short-socket.ts";

/** Where the private server of a `stateDir` lives. All paths absolute. */
export interface RedisHome {
  readonly folder: string;
  readonly socket: string;
  readonly log: string;
  /** Who the server is, as healq knew it last. */
  readonly record: string;
  /** In the server's environment, so that it is known by it whatever was written down. */
  readonly marker: string;
}

const identitySchema = z.object({ pid: z.int().positive(), startTime: z.number(), bootId: z.string() });

/** The socket of the private server under a `stateDir`, whether one runs or not. */
export function privateSocket(stateDir: string): string {
  return socketPath(settled(join(stateDir, "redis")), "redis.sock");
}

/** The home of the server under a `stateDir`; makes the folder (mode 0700) if it is not there. */
export function openHome(stateDir: string): RedisHome {
  const wanted = join(stateDir, "redis");
  mkdirSync(wanted, { recursive: true, mode: 0o700 });
  const folder = settled(wanted);
  chmodSync(folder, 0o700);
  return {
    folder,
    socket: privateSocket(stateDir),
    log: join(folder, "redis.log"),
    record: join(folder, "server.json"),
    marker: `HEALQ_PRIVATE_REDIS=${folder}`,
  };
}

/** Writes down who the server is; undefined when it died meanwhile. */
export function recordServer(home: RedisHome, pid: number): Identity | undefined {
  const identity = identityOf(pid);
  if (identity !== undefined) writeAtomic(home.record, `${JSON.stringify(identity)}\n`);
  return identity;
}

/** A living server of this home, by the record or by the marker, whether it answers or not. */
export function findServer(home: RedisHome): Identity | undefined {
  const recorded = readJson(home.record, identitySchema);
  if (recorded !== undefined && isAlive(recorded) === "alive") return recorded;
  // healq may have died between starting the server and writing it down. Its helpers inherit the marker, but lead no session.
  const found = listProcesses().find(({ pid, stat }) => stat.session === pid && environHas(pid, home.marker));
  return found === undefined ? undefined : identityOf(found.pid);
}

/** Forgets a server that is gone. */
export function clearHome(home: RedisHome): void {
  rmSync(home.record, { force: true });
  rmSync(home.socket, { force: true });
}

/** Without symbolic links: the server names its folder that way, and two ways to one folder must be one server. */
function settled(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return resolve(folder);
  }
}
