import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { need } from "../support/wait.ts";
import { notInstalled, type Peer, type Temper, type Worker } from "./peer.ts";
import { ask, endProgram, findProgram, startProgram } from "./program.ts";

/** supervisord restarts without a limit what lived for `startsecs`; what did not, `startretries` times. */
const settings: Readonly<Record<Temper, readonly string[]>> = {
  eager: ["autorestart=true", "startretries=100000"],
  default: ["autorestart=true"],
};

/** supervisord. */
export const supervisord: Peer = {
  name: "supervisord",
  noticesHangs: false,
  missing: () => (findProgram("supervisord") === undefined ? notInstalled : undefined),
  start: async ({ workers, temper, folder, cleanup }) => {
    const file = join(folder, "supervisord.conf");
    const socket = join(folder, "supervisor.sock");
    writeFileSync(
      file,
      [general(folder, socket), ...workers.map((worker) => program(worker, temper))].join("\n"),
    );
    const argv = [findProgram("supervisord") ?? "", "--nodaemon", "--configuration", file];
    const child = startProgram(argv, { log: join(folder, "supervisord.out") });
    cleanup.add(() => endProgram(child));
    await need(() => existsSync(socket), { within: 10_000, what: "supervisord listens" });
    const control = [findProgram("supervisorctl") ?? "", "-c", file, "status"];
    return {
      config: settings[temper].join(" "),
      settled: () => true,
      state: (id) =>
        ask([...control, id])
          .trim()
          .split(/\s+/)[1] ?? "unknown",
    };
  },
};

function general(folder: string, socket: string): string {
  return [
    "[supervisord]",
    `logfile=${join(folder, "supervisord.log")}`,
    `pidfile=${join(folder, "supervisord.pid")}`,
    `childlogdir=${folder}`,
    "[unix_http_server]",
    `file=${socket}`,
    "[rpcinterface:supervisor]",
    "supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface",
    "[supervisorctl]",
    `serverurl=unix://${socket}`,
  ].join("\n");
}

function program({ id, argv }: Worker, temper: Temper): string {
  const lines = [
    `[program:${id}]`,
    `command=${argv.join(" ")}`,
    "stdout_logfile=NONE",
    "stderr_logfile=NONE",
  ];
  return [...lines, ...settings[temper]].join("\n");
}
