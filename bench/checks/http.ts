import { spawn } from "node:child_process";
import { Agent, get } from "node:http";
import type { Cleanup } from "../support/cleanup.ts";

const program = `require("node:http").createServer((_, response) => response.end("ok"))
  .listen(0, "127.0.0.1", function () { console.log(this.address().port); });`;

let asked = 0;
const agent = new Agent({ keepAlive: true, maxSockets: 100 });

/** Starts a web server in a process of its own, so that its CPU time is not ours; gives its port. */
export async function startHttpServer(cleanup: Cleanup): Promise<number> {
  const child = spawn(process.execPath, ["-e", program], { stdio: ["ignore", "pipe", "inherit"] });
  cleanup.add(() => child.kill("SIGKILL"));
  cleanup.add(() => agent.destroy());
  asked = await new Promise<number>((resolve) => child.stdout.once("data", (text) => resolve(Number(text))));
  return asked;
}

/** One request to that server with what Node has, until its answer is read. */
export function askOnce(): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get({ host: "127.0.0.1", port: asked, agent }, (response) => {
      response.resume().once("end", resolve);
    });
    request.once("error", reject);
  });
}
