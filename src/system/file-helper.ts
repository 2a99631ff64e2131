import type { ChildProcess } from "node:child_process";
import { createRequire } from "node:module";
import type { FileError, LogPattern, LogPlace } from "../model/ports.ts";
import { fileHelperProgram, readLimit } from "./file-helper-program.ts";
import { startLineChild } from "./line-child.ts";
import { logReaderProgram } from "./log-reader-program.ts";

/** What the helper is asked. */
interface FileRequest {
  readonly op: "stat" | "space" | "parse" | "values" | "lines";
  readonly path: string;
  readonly format?: string;
  readonly fields?: readonly (readonly string[])[];
  readonly place?: LogPlace;
  readonly patterns?: readonly LogPattern[];
}

interface Asked {
  readonly request: FileRequest;
  readonly answer: (answer: unknown) => void;
}

/** A helper that has nothing to do is ended after this many milliseconds. */
const idleFor = 60_000;

/**
 * A process that looks at files one after the other; it is started at the first question. One that hangs is killed when
 * the question it is at is given up, and no other one is started before it is gone: a hung mount never collects more than one.
 */
export class FileHelper {
  readonly #waiting: Asked[] = [];
  #current: Asked | undefined;
  #child: ChildProcess | undefined;
  /** The child was killed and is not gone yet; what it still says is too late. */
  #dying = false;
  #idle: NodeJS.Timeout | undefined;

  /** The answer, or a `FileError`; with `EHUNG` when `signal` aborts first. Never rejects. */
  ask(request: FileRequest, signal: AbortSignal): Promise<unknown> {
    return new Promise((answer) => {
      if (signal.aborted) return answer(hung());
      const asked: Asked = { request, answer };
      signal.addEventListener("abort", () => this.#giveUp(asked), { once: true });
      this.#waiting.push(asked);
      this.#next();
    });
  }

  /** Ends the process; whatever was asked is answered with a `FileError`. Idempotent. */
  close(): void {
    clearTimeout(this.#idle);
    this.#end();
    const closed = failure("EHELPER", "the helper process was ended");
    for (const asked of this.#waiting.splice(0)) asked.answer(closed);
    this.#current?.answer(closed);
    this.#current = undefined;
  }

  #next(): void {
    if (this.#current !== undefined) return;
    clearTimeout(this.#idle);
    this.#current = this.#waiting.shift();
    if (this.#current === undefined) {
      this.#idle = setTimeout(() => this.#end(), idleFor).unref();
      return;
    }
    this.#child ??= this.#start();
    this.#child.stdin?.write(`${JSON.stringify(this.#current.request)}\n`);
  }

  #start(): ChildProcess {
    this.#dying = false;
    const child = startChild({
      answered: (answer) => {
        if (this.#child === child && !this.#dying) this.#settle(answer);
      },
      gone: (message) => {
        if (this.#child !== child) return;
        this.#child = undefined;
        this.#settle(failure("EHELPER", message));
      },
    });
    return child;
  }

  #settle(answer: unknown): void {
    this.#current?.answer(answer);
    this.#current = undefined;
    this.#next();
  }

  #giveUp(asked: Asked): void {
    asked.answer(hung());
    if (this.#current === asked) {
      this.#dying = true;
      this.#child?.kill("SIGKILL");
    } else if (this.#waiting.includes(asked)) {
      this.#waiting.splice(this.#waiting.indexOf(asked), 1);
    }
  }

  #end(): void {
    const child = this.#child;
    this.#child = undefined;
    child?.kill("SIGKILL");
  }
}

function startChild(on: {
  answered: (answer: unknown) => void;
  gone: (message: string) => void;
}): ChildProcess {
  const { resolve } = createRequire(import.meta.url);
  const libraries = [resolve("yaml"), resolve("smol-toml")];
  const argv = [
    "--max-old-space-size=512",
    "-e",
    logReaderProgram + fileHelperProgram,
    ...libraries,
    String(readLimit),
  ];
  return startLineChild(argv, {
    onLine: (line) => on.answered(parsed(line)),
    onGone: (problem = "the helper process ended") => on.gone(problem),
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return failure("EHELPER", "the helper process wrote what is no answer");
  }
}

function hung(): FileError {
  return failure("EHUNG", "its file system did not answer in time");
}

function failure(error: string, message: string): FileError {
  return { error, message };
}
