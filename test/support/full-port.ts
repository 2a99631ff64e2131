import { spawn } from "node:child_process";
import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { onTestFinished } from "vitest";

/** Listens, says where, and never takes a connection: its event loop stands still. */
const program = `
const server = require("node:net").createServer();
server.listen({ port: 0, host: "127.0.0.1", backlog: 1 }, () => {
  require("node:fs").writeSync(1, String(server.address().port));
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
});`;

/** A port whose queue of connections is full, so that the system drops what more come: connecting hangs. Gone when the current test ends. */
export async function fullPort(): Promise<{ host: string; port: number }> {
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  const sockets: Socket[] = [];
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    child.kill("SIGKILL");
    await once(child, "close");
  });
  const [said] = await once(child.stdout, "data");
  const to = { host: "127.0.0.1", port: Number(String(said)) };
  // One more than the queue holds: the first that does not get in shows that it is full.
  for (let tries = 0; tries < 10; tries += 1) {
    const socket = connect(to).on("error", () => undefined);
    sockets.push(socket);
    const isIn = await Promise.race([
      once(socket, "connect").then(() => true),
      new Promise<boolean>((resolve) => setTimeout(() => resolve(false), 150)),
    ]);
    if (!isIn) return to;
  }
  throw new Error("the queue of the port never was full");
}
