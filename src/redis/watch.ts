import { connect, type Socket } from "node:net";
import type { Identity } from "../model/process.ts";
import { isAlive } from "../system/procfs.ts";

/** How long after its connection broke a server may take to be seen dead, in milliseconds; then we connect again. */
const dyingFor = 200;

/** How long to wait before connecting again to a server that lives, in milliseconds. */
const reconnectAfter = 50;

/**
 * Calls `onDeath` once when the server ends: the kernel closes the connection the moment it does, and identity confirms it. A connection
 * that breaks while the server lives is made anew. Returns what stops watching.
 */
export function watchServer(socket: string, server: Identity, onDeath: () => void): () => void {
  let isOver = false;
  let connection: Socket | undefined;
  let timer: NodeJS.Timeout | undefined;
  const later = (ms: number, what: () => void): void => {
    timer = setTimeout(what, ms);
    timer.unref();
  };
  const confirm = (until: number): void => {
    if (isOver) return;
    if (isAlive(server) !== "alive") {
      isOver = true;
      onDeath();
    } else if (performance.now() < until) later(5, () => confirm(until));
    else later(reconnectAfter, open);
  };
  const open = (): void => {
    if (isOver) return;
    connection = connect(socket);
    connection.unref();
    connection.on("error", () => undefined);
    connection.on("data", () => undefined);
    connection.once("close", () => confirm(performance.now() + dyingFor));
  };
  open();
  return () => {
    isOver = true;
    clearTimeout(timer);
    connection?.destroy();
  };
}
