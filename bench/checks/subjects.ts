import { execFileSync, spawn } from "node:child_process";
import { readFileSync, statfsSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { listProcesses } from "../../src/system/procfs.ts";
import type { Cleanup } from "../support/cleanup.ts";
import { pretendAllRun } from "../throughput/node.ts";
import { askOnce, startHttpServer } from "./http.ts";
import type { Laid } from "./lay.ts";

/** What a kind is measured with. */
export interface Subject {
  /** The config of one target, for people. */
  readonly shown: string;
  /** CPU time of one check, in microseconds, at most; absent where the whole tick counts. */
  readonly perCheck?: number;
  /** Time of a tick of all targets, in milliseconds, at most. */
  readonly perTick?: number;
  /** How many targets, when not as many as asked for. */
  readonly most?: number;
  /** Makes what is looked at in a folder, and gives the fields of the n-th target. */
  lay(folder: string, cleanup: Cleanup): Promise<(n: number) => object> | ((n: number) => object);
  /** After the config is there. */
  begin?(laid: Laid, cleanup: Cleanup): void;
  /** The bare system calls of one check, or of one tick. */
  bare(folder: string): () => unknown;
  readonly shownBare: string;
}

const databases = 100;
const sessions = 50;
/** With those that run anyway. */
const running = 300;

/** Every kind that has a bar. */
export const subjects: Readonly<Record<string, Subject>> = {
  file: {
    shown: "{ kind: file, path: …, maxAge: 1h, minSize: 1 }",
    perCheck: 20,
    lay: (folder) => (n) => {
      writeFileSync(join(folder, `f${n}`), "{}");
      return { kind: "file", path: `f${n}`, maxAge: "1h", minSize: 1 };
    },
    bare: (folder) => () => statSync(join(folder, "f0")),
    shownBare: "statSync",
  },
  process: {
    shown: "{ kind: process, run: [sleep, 100000] }; one living process stands for all",
    perCheck: 30,
    lay: () => () => ({ kind: "process", run: ["sleep", "100000"] }),
    begin: ({ config }, cleanup) => void cleanup.add(pretendAllRun(config)),
    bare: () => () => readFileSync(`/proc/${process.pid}/stat`, "utf8"),
    shownBare: "readFileSync of /proc/PID/stat",
  },
  disk: {
    shown: "{ kind: disk, path: ., full: 100%, warning: 100% }",
    perCheck: 20,
    lay: () => () => ({ kind: "disk", path: ".", full: "100%", warning: "100%", inodes: "100%" }),
    bare: (folder) => () => statfsSync(folder),
    shownBare: "statfsSync",
  },
  sqlite: {
    shown: `{ kind: sqlite, path: …, lockedFor: 30s, walMax: 64MB }; ${databases} databases, none locked`,
    perCheck: 60,
    lay: (folder) => {
      const make = "PRAGMA journal_mode = WAL; CREATE TABLE t (n); INSERT INTO t VALUES (1);";
      for (let n = 0; n < databases; n += 1) execFileSync("sqlite3", [join(folder, `d${n}.db`), make]);
      return (n) => ({ kind: "sqlite", path: `d${n % databases}.db`, lockedFor: "30s", walMax: "64MB" });
    },
    bare: (folder) => () => [statSync(join(folder, "d0.db")), readFileSync("/proc/locks", "utf8")],
    shownBare: "statSync, readFileSync of /proc/locks",
  },
  http: {
    shown: "{ kind: http, url: … }; a server in a process of its own",
    perCheck: 150,
    most: 100,
    lay: async (_, cleanup) => {
      const port = await startHttpServer(cleanup);
      return (n) => ({ kind: "http", url: `http://127.0.0.1:${port}/${n}` });
    },
    bare: () => askOnce,
    shownBare: "http.request over a kept connection",
  },
  match: {
    shown: `{ kind: process, match: …, user: … }; ${running} processes run`,
    perTick: 3,
    most: 20,
    lay: (_, cleanup) => {
      const more = Math.max(20, running - listProcesses().length);
      for (let n = 0; n < more; n += 1) {
        const child = spawn("sleep", [String(100_000 + n)], { stdio: "ignore" });
        cleanup.add(() => child.kill("SIGKILL"));
      }
      const user = execFileSync("id", ["-un"], { encoding: "utf8" }).trim();
      return (n) => ({ kind: "process", match: `^sleep ${100_000 + n}$`, user, startGrace: "0s" });
    },
    bare: () => () => readFileSync("/proc/self/stat", "utf8"),
    shownBare: "one readFileSync of /proc/PID/stat",
  },
  tmux: {
    shown: `{ kind: tmux, session: …, task: … }; ${sessions} sessions`,
    perTick: 4,
    most: sessions,
    lay: (folder, cleanup) => {
      const tmux = (...words: string[]) =>
        execFileSync("tmux", ["-f", "/dev/null", "-S", join(folder, "t"), ...words]);
      cleanup.add(() => tmux("kill-server"));
      for (let n = 0; n < sessions; n += 1) tmux("new-session", "-d", "-s", `s${n}`, "sleep", "100000");
      return (n) => ({ kind: "tmux", session: `s${n}`, socket: "./t" });
    },
    bare: (folder) => () =>
      execFileSync("tmux", ["-S", join(folder, "t"), "list-panes", "-a", "-F", "#{pane_pid}"]),
    shownBare: "one `tmux list-panes -a`",
  },
};
