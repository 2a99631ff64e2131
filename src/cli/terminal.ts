import type { TableStyle } from "../views/table.ts";

/** Where a command writes: results to stdout, everything else to stderr. */
export interface Terminal {
  /** Stdout is a terminal: things may be redrawn in place. */
  readonly isTty: boolean;
  /** Stderr is a terminal: progress may be redrawn in place. */
  readonly progressIsTty: boolean;
  /** How tables are drawn now: the width may change while a command runs. */
  style(): TableStyle;
  /** Colour on stderr. */
  readonly errorColour: boolean;
  out(text: string): void;
  /** A JSON document, indented for a person and one line for a program. */
  json(value: unknown): void;
  /** One line of JSON lines. */
  jsonLine(value: unknown): void;
  /** Text to stderr, as it is. */
  progress(text: string): void;
  /** A line to stderr. */
  note(line: string): void;
}

/** The terminal of this process. Colour needs a terminal and no `NO_COLOR` (no-color.org); the width is that of the terminal or `COLUMNS`. */
export function openTerminal(env: NodeJS.ProcessEnv = process.env): Terminal {
  const { stdout, stderr } = process;
  const mayColour = (env.NO_COLOR ?? "") === "" && env.TERM !== "dumb";
  const isTty = stdout.isTTY === true;
  quietPipe(stdout);
  quietPipe(stderr);
  const out = (text: string): void => void stdout.write(text);
  return {
    isTty,
    progressIsTty: stderr.isTTY === true,
    style: () => ({ width: isTty ? stdout.columns : widthOf(env.COLUMNS), colour: isTty && mayColour }),
    errorColour: stderr.isTTY === true && mayColour,
    out,
    json: (value) => out(`${JSON.stringify(value, null, isTty ? 2 : 0)}\n`),
    jsonLine: (value) => out(`${JSON.stringify(value)}\n`),
    progress: (text) => void stderr.write(text),
    note: (line) => void stderr.write(`${line}\n`),
  };
}

/** A reader that went away (`| head`) is no error: the command ends without a word. */
function quietPipe(stream: NodeJS.WriteStream): void {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(process.exitCode ?? 0);
    throw error;
  });
}

function widthOf(columns: string | undefined): number {
  return columns !== undefined && /^\d{2,4}$/.test(columns) ? Number(columns) : 0;
}
