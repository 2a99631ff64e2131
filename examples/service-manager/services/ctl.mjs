// The old way: a service that puts itself in the background and writes its pid to a file. `node ctl.mjs start|stop`.
import { spawn } from "node:child_process";
import { mkdirSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const folder = dirname(fileURLToPath(import.meta.url));
const data = join(folder, "../data");
const pidFile = join(data, "mailer.pid");

function pid() {
  try {
    const found = Number(readFileSync(pidFile, "utf8"));
    // Only a mailer is a mailer: the pid may be another process' by now.
    return readFileSync(`/proc/${found}/cmdline`, "utf8").includes(join(folder, "service.mjs")) ? found : undefined;
  } catch {
    return undefined;
  }
}

async function stop() {
  const running = pid();
  if (running === undefined) return;
  process.kill(running, "SIGTERM");
  for (let i = 0; i < 100 && pid() !== undefined; i++) await sleep(20);
  if (pid() !== undefined) process.kill(running, "SIGKILL");
  rmSync(pidFile, { force: true });
}

async function start() {
  if (pid() !== undefined) return;
  mkdirSync(data, { recursive: true });
  const log = openSync(join(data, "mailer.log"), "a");
  const child = spawn(process.execPath, [join(folder, "service.mjs")], {
    detached: true,
    stdio: ["ignore", log, log],
    env: { ...process.env, NAME: "mailer", PORT: process.env.MAILER_PORT ?? "4105" },
  });
  writeFileSync(pidFile, `${child.pid}\n`);
  child.unref();
}

const act = { start, stop }[process.argv[2]];
if (act === undefined) {
  console.error("usage: node ctl.mjs start|stop");
  process.exit(2);
}
await act();
