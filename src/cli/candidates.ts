import { homedir } from "node:os";
import { join } from "node:path";
import type { Argument, Command, Option } from "commander";
import { targetNames } from "../config/target-names.ts";
import { idPattern } from "../lib/fields.ts";
import { shells } from "./completion-scripts.ts";
import { upRoles } from "./up-module.ts";

/** One word that may stand where Tab was pressed. */
export interface Candidate {
  readonly word: string;
  /** What it means, on one line; empty for names. */
  readonly about: string;
}

/** What may stand there: words, or the names of files, which the shell knows best. */
export type Completion =
  | { readonly type: "words"; readonly candidates: readonly Candidate[] }
  | { readonly type: "files" };

/** The command line as far as it is written: the words before the one that is being written, and what there is of that. */
interface Written {
  readonly before: readonly string[];
  readonly current: string;
}

/**
 * What may follow. `words` is the command line without the name of the program; the last word is the one being completed,
 * empty where a new one begins. It is read from the very commands that run, so it offers what they take.
 */
export function completion(program: Command, words: readonly string[], env: NodeJS.ProcessEnv): Completion {
  // bash cuts `--config=FILE` into three words.
  const plain = words.filter((word, index) => word !== "=" || index === words.length - 1);
  const current = plain.at(-1) ?? "";
  const written = { before: plain.slice(0, -1), current: current === "=" ? "" : current };
  const read = readWords(program, written.before);
  const prefixed = /^(--[^=]+)=(.*)$/.exec(written.current);
  const option = prefixed === null ? read.pending : optionOf(read, prefixed[1] ?? "");
  if (option !== undefined) return valuesOf(option, { start: prefixed?.[1], written });
  if (!read.onlyArguments && written.current.startsWith("-")) return matching(flagsOf(read), written);
  if (read.command === program) return matching(commandsOf(program), written);
  return argumentsFor(read, written, env);
}

/** How far the command line has been understood. */
interface Read {
  readonly program: Command;
  readonly command: Command;
  /** Its arguments so far. */
  readonly values: readonly string[];
  /** The option whose value comes next. */
  readonly pending?: Option | undefined;
  /** `--` was given. */
  readonly onlyArguments: boolean;
  /** What `-c` named. */
  readonly config?: string | undefined;
}

function readWords(program: Command, words: readonly string[]): Read {
  let read: Read = { program, command: program, values: [], onlyArguments: false };
  for (const word of words) read = readWord(read, word);
  return read;
}

function readWord(read: Read, word: string): Read {
  const { program, command, values, pending } = read;
  if (pending !== undefined) {
    const config = pending.long === "--config" ? word : read.config;
    return { ...read, pending: undefined, config };
  }
  if (word === "--") return { ...read, onlyArguments: true };
  if (!read.onlyArguments && word.startsWith("-")) {
    const [name = "", value] = word.split(/=(.*)/s);
    const option = optionOf(read, name);
    if (value !== undefined) return option?.long === "--config" ? { ...read, config: value } : read;
    return option?.required === true ? { ...read, pending: option } : read;
  }
  if (command !== program) return { ...read, values: [...values, word] };
  return { ...read, command: program.commands.find((each) => each.name() === word) ?? command };
}

function optionsOf({ program, command }: Read): readonly Option[] {
  return command === program ? program.options : [...command.options, ...program.options];
}

function optionOf(read: Read, name: string): Option | undefined {
  return optionsOf(read).find(({ long, short }) => name === long || name === short);
}

function flagsOf(read: Read): Candidate[] {
  const own = optionsOf(read).map(({ long, short, description }) => ({
    word: long ?? short ?? "",
    about: description,
  }));
  return [...own, { word: "--help", about: "help, with an example" }];
}

function commandsOf(program: Command): Candidate[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .map((command) => ({ word: command.name(), about: command.summary() || command.description() }));
}

/** What an option may be given. With `--only=` the whole word is offered again. */
function valuesOf(
  option: Option,
  { start, written }: { start: string | undefined; written: Written },
): Completion {
  if (option.long === "--config") return { type: "files" };
  if (option.long !== "--only") return { type: "words", candidates: [] };
  const given = start === undefined ? written.current : written.current.slice(start.length + 1);
  const done = given.slice(0, given.lastIndexOf(",") + 1);
  const chosen = new Set(done.split(","));
  const before = start === undefined ? done : `${start}=${done}`;
  const roles = upRoles.filter((role) => !chosen.has(role));
  return matching(
    roles.map((role) => ({ word: `${before}${role}`, about: "" })),
    written,
  );
}

/** The names of targets, where the command takes them; each once. */
function argumentsFor(read: Read, written: Written, env: NodeJS.ProcessEnv): Completion {
  const { command, values } = read;
  const takes: readonly Argument[] = command.registeredArguments;
  const argument = takes[values.length] ?? (takes.at(-1)?.variadic === true ? takes.at(-1) : undefined);
  if (argument?.name() === "shell") return matching(plainWords(shells), written);
  if (argument?.name() !== "target") return { type: "words", candidates: [] };
  const names = targetNames(configFile(read.config ?? env.HEALQ_CONFIG, env));
  // A name that is none may hold anything, also what a shell would act on.
  const left = names.filter((name) => idPattern.test(name) && !values.includes(name));
  return matching(plainWords(left), written);
}

function plainWords(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, about: "" }));
}

/** The shell hands `~/healq.yaml` over as it is written. */
function configFile(given: string | undefined, env: NodeJS.ProcessEnv): string {
  const file = given === undefined || given === "" ? "healq.yaml" : given;
  return file.startsWith("~/") ? join(env.HOME ?? homedir(), file.slice(2)) : file;
}

function matching(candidates: readonly Candidate[], { current }: Written): Completion {
  return { type: "words", candidates: candidates.filter(({ word }) => word.startsWith(current)) };
}
