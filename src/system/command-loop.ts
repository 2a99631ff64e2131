import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import { killGroup, type Ran, type Run } from "./run-program.ts";

/** Fixed text; the command comes to it as arguments only, and what ends an answer as `$0`. */
const loop = 'while read -r _; do "$@" 2>&1 </dev/null; printf "\\n%s %s\\n" "$0" "$?"; done';

/** One that is not asked for anything is ended after this many milliseconds. */
const idleFor = 60_000;

/**
 * Runs the same program again and again from a small process of its own. healq is large, and Node makes a process in a time that grows
 * with that: 1.6 ms in which nothing else runs, where a shell takes a third. It is started at the first run; it ends with healq, after a minute
 * without runs, and when a run takes too long.
 */
export class CommandLoop {
  readonly #run: Pick<Run, "argv" | "env"> & { readonly limit: number; readonly timeout: number };
  readonly #mark = randomUUID();
  readonly #waiting: ((ran: Ran) => void)[] = [];
  #child: ChildProcess | undefined;
  #said = "";
  #timer: NodeJS.Timeout | undefined;

  /** `timeout`: after so many milliseconds a run is given up; `limit`: an answer of more characters is. */
  constructor(run: Pick<Run, "argv" | "env"> & { readonly limit: number; readonly timeout: number }) {
    this.#run = run;
  }

  /** Runs it once, after those that were asked for before. What it says on both its outputs is `stdout`, or `stderr` when it fails. Never rejects. */
  run(): Promise<Ran> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.#child ??= this.#start();
      this.#child.ref();
      this.#child.stdin?.write("\n");
      if (this.#waiting.length === 1) this.#wait();
    });
  }

  #start(): ChildProcess {
    const { argv, env } = this.#run;
    const child = spawn("sh", ["-c", loop, this.#mark, ...argv], {
      cwd: "/",
      env,
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    child.once("error", (error) => this.#end(child, { end: "not started", error }));
    child.once("exit", (_code, signal) => this.#end(child, { end: "signal", signal: signal ?? "a signal" }));
    child.stdin.on("error", () => undefined);
    child.stdout.setEncoding("utf8").on("data", (text: string) => this.#hear(child, text));
    // Node makes pipes of `spawn` as sockets, but types them as plain streams, which have no unref.
    for (const pipe of [child.stdin, child.stdout]) (pipe as unknown as Socket).unref();
    return child;
  }

  #hear(child: ChildProcess, text: string): void {
    if (child !== this.#child) return;
    this.#said += text;
    for (;;) {
      const at = this.#said.indexOf(`\n${this.#mark} `);
      const end = at < 0 ? -1 : this.#said.indexOf("\n", at + 1);
      if (end < 0) break;
      const code = Number(this.#said.slice(at + this.#mark.length + 2, end));
      const said = this.#said.slice(0, at);
      this.#said = this.#said.slice(end + 1);
      this.#waiting.shift()?.({
        end: "exit",
        code,
        stdout: code === 0 ? said : "",
        stderr: code === 0 ? "" : said,
      });
      this.#wait();
    }
    if (this.#said.length > this.#run.limit) this.#end(child, { end: "aborted" });
  }

  /** For the run that is next, or for none. */
  #wait(): void {
    clearTimeout(this.#timer);
    const child = this.#child;
    // Nobody waits for it: it keeps no command from ending.
    if (this.#waiting.length === 0) child?.unref();
    const within = this.#waiting.length > 0 ? this.#run.timeout : idleFor;
    this.#timer = setTimeout(
      () => child !== undefined && this.#end(child, { end: "aborted" }),
      within,
    ).unref();
  }

  /** Gives up all that wait; the next run starts it anew. */
  #end(child: ChildProcess, ran: Ran): void {
    if (child !== this.#child) return;
    this.#child = undefined;
    this.#said = "";
    clearTimeout(this.#timer);
    killGroup(child);
    for (const resolve of this.#waiting.splice(0)) resolve(ran);
  }
}
