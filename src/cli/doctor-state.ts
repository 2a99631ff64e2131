import { accessSync, constants, statSync } from "node:fs";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import type { Config } from "../model/config.ts";
import { messageOf } from "../model/errors.ts";
import { socketPath } from "../system/short-socket.ts";
import { holdersOf, listenersOn } from "../system/socket-owner.ts";
import { bad, type Diagnosis, fine, warn } from "./diagnosis.ts";
import { askSupervisor, type Supervisor } from "./supervisor.ts";

/** `stateDir`, its sockets, who runs there, and the port of the page. Creates nothing. */
export async function diagnoseState(config: Config): Promise<Diagnosis[]> {
  const supervisor = await askSupervisor(config.stateDir);
  return [
    stateDir(config.stateDir),
    socket(config.stateDir),
    running(supervisor),
    await port(config, supervisor),
  ];
}

function stateDir(path: string): Diagnosis {
  const about = "stateDir";
  const stats = statSync(path, { throwIfNoEntry: false });
  try {
    accessSync(stats === undefined ? nearestFolder(path) : path, constants.W_OK | constants.X_OK);
  } catch (error) {
    return bad(
      about,
      `${path} cannot be ${stats === undefined ? "made" : "written"}: ${messageOf(error)}`,
      "give its owner write permission, or name another stateDir",
    );
  }
  if (stats === undefined) return fine(about, `${path} will be made`);
  if (!stats.isDirectory()) return bad(about, `${path} is no folder`, "remove it, or name another stateDir");
  const mode = (stats.mode & 0o777).toString(8).padStart(4, "0");
  if ((stats.mode & 0o077) !== 0)
    return warn(
      about,
      `${path} has mode ${mode}, so others can look into it`,
      `chmod 700 ${path} (healq does it when it starts)`,
    );
  return fine(about, `${path}, mode ${mode}`);
}

function nearestFolder(path: string): string {
  let folder = dirname(path);
  while (folder !== dirname(folder) && statSync(folder, { throwIfNoEntry: false }) === undefined)
    folder = dirname(folder);
  return folder;
}

function socket(path: string): Diagnosis {
  try {
    const chosen = socketPath(path, "healq.sock");
    const isPlain = chosen === join(path, "healq.sock");
    return fine(
      "socket",
      isPlain ? `${chosen}, short enough` : `${chosen}, because the path of stateDir is too long for one`,
    );
  } catch (error) {
    return bad("socket", messageOf(error), "choose a shorter stateDir");
  }
}

function running(supervisor: Supervisor): Diagnosis {
  if (supervisor.at === "absent") return fine("healq", "does not run yet");
  if (supervisor.at === "running") return fine("healq", `runs as pid ${supervisor.holder.pid}`);
  return bad("healq", "runs but does not answer", "see whether its process is stopped (state T) or starved");
}

async function port(config: Config, supervisor: Supervisor): Promise<Diagnosis> {
  const { host, port: number } = config.web;
  const place = `${host}:${number}`;
  const problem = await listenProblem(host, number);
  if (problem === undefined) return fine("port", `${place} is free`);
  if (problem.includes("EADDRINUSE")) {
    const fix = "set web.port in the config to a free one";
    if (supervisor.at !== "running") return bad("port", `${place} is in use by another program`, fix);
    const stranger = strangerOn(number, supervisor.holder.pid);
    if (stranger === undefined) return fine("port", `${place} is in use, as it should be while healq runs`);
    return warn(
      "port",
      `${place} is in use by pid ${stranger}, not by the healq that runs here (pid ${supervisor.holder.pid}): its page is not there`,
      `${fix}, unless that is a healq with --only web`,
    );
  }
  return bad(
    "port",
    `${place} cannot be listened on: ${problem}`,
    "correct web.host and web.port in the config",
  );
}

/** Who else listens on the port; undefined when it is ours, or whose it is cannot be seen. */
function strangerOn(port: number, own: number): number | undefined {
  const pids = holdersOf(listenersOn(port)).map(({ pid }) => pid);
  return pids.includes(own) ? undefined : pids[0];
}

function listenProblem(host: string, port: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", (error) => resolve(error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)));
  });
}
