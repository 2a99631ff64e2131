import { readdirSync, readFileSync, readlinkSync, realpathSync } from "node:fs";
import type { TestNode } from "./node.ts";
import { linesOf } from "./record.ts";
import { until } from "./wait.ts";

/**
 * A worker for a config: a shell script that writes a line with its pid and the time to `ID.starts` whenever it is
 * started, and then runs `script`. Its processes can be found by `copiesOf`.
 */
export function worker(id: string, script: string, more: object = {}): object {
  const whole = `echo $$ $(date +%s%3N) >>${id}.starts\n${script}`;
  // In a config `$$` is a dollar.
  return {
    kind: "process",
    run: ["sh", "-c", whole.replaceAll("$", "$$$$")],
    env: { WORKER_ID: id },
    ...more,
  };
}

/** Stays until it is ended. */
export const stays = "exec sleep 1000";

/** Stays; at SIGTERM it says so in `ID.ends`, and takes so many seconds to end. */
export function endsSlowly(id: string, seconds: number): string {
  return `trap 'echo $$ >>${id}.ends; sleep ${seconds}; exit 0' TERM\nsleep 1000 & wait $!`;
}

/** Notes in `ID.overlaps` when it is started while anything of an earlier start lives. */
export function alone(id: string, script: string): string {
  return `exec 9>>${id}.lock\nflock -n 9 || echo $$ >>${id}.overlaps\n${script}`;
}

/** A target that notes each look at it: with `looks` the time in which something must not happen. It has the `every` of the others. */
export const clock = { kind: "command", run: ["sh", "-c", "echo >>looks"] };

/** Resolves when the targets of a node that has `clock` were looked at so many times more. */
export async function looks(node: TestNode, count: number): Promise<void> {
  const seen = () => linesOf(node.path("looks")).length;
  const before = seen();
  await until(() => seen() >= before + count, {
    within: 10_000 + 5_000 * count,
    what: `${count} more looks`,
  });
}

/** The starts of a worker, oldest first; `at` in milliseconds since the epoch. */
export function startsOf(node: TestNode, id: string): { pid: number; at: number }[] {
  return linesOf(node.path(`${id}.starts`)).map((line) => {
    const [pid, at] = line.split(" ");
    return { pid: Number(pid), at: Number(at) };
  });
}

/** The pids of all living processes of a worker, whoever started them: by folder and environment, never by what healq wrote down. */
export function processesOf(node: TestNode, id: string): number[] {
  const folder = realpathSync(node.folder);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        if (readlinkSync(`/proc/${pid}/cwd`) !== folder) return false;
        return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0").includes(`WORKER_ID=${id}`);
      } catch {
        return false; // it has just ended, or is a zombie
      }
    })
    .map(Number);
}

/** The copies of a worker that live: the processes of it that lead a session of their own. */
export function copiesOf(node: TestNode, id: string): number[] {
  return processesOf(node, id).filter((pid) => {
    try {
      const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
      const [, , , session] = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return Number(session) === pid;
    } catch {
      return false;
    }
  });
}

/** True while a process is there that is no zombie. */
export function lives(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return !"ZX".includes(stat.charAt(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}
