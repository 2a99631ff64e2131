import type { LogPattern } from "../model/ports.ts";

// What Python and Node write when something is amiss. The captures `python`, `npm` and `path` are what `install`, `mkdir` and `create` ask for.
// "localhost" in a line is no fault by itself, and neither is the word "error".

/** The symptoms that the presets find. */
export const presetSymptoms = {
  "log.missing-module": "a Python module or an npm package is missing",
  "log.missing-path": "a file or a folder is missing",
  "log.connection": "a connection was refused or broken, or there is no such host",
  "log.timeout": "something took too long",
  "log.out-of-memory": "there was no memory left",
  "log.exit": "a program ended with another exit code than 0",
  "log.permission": "something is not permitted",
  "log.port": "the port is taken",
  "log.disk-full": "the disk is full",
} as const;

/** A name of what the presets find, without `log.`. */
export type PresetName = keyof typeof presetSymptoms extends `log.${infer Name}` ? Name : never;

type Preset = Readonly<Record<PresetName, readonly string[]>>;

const path = "'(?<path>[^']{1,1000})'";
const exit = [
  String.raw`\b(?:exited|exit|ended|failed) with (?:exit )?(?:code|status):? (?<code>[1-9]\d{0,2})\b`,
  String.raw`\breturned non-zero exit status (?<code>[1-9]\d{0,2})\b`,
];
const full = [String.raw`\b[Nn]o space left on device\b`];

const python: Preset = {
  "missing-module": [
    String.raw`\b(?:ModuleNotFoundError|ImportError): No module named '?(?<python>[A-Za-z_][\w.]{0,200})`,
  ],
  "missing-path": [
    String.raw`\bFileNotFoundError: \[Errno 2\] [^']{0,200}${path}`,
    String.raw`\bFileNotFoundError\b`,
  ],
  connection: [
    String.raw`\bConnection(?:Refused|Reset|Aborted)Error\b|\bBrokenPipeError\b|\bNewConnectionError\b`,
    String.raw`\[Errno (?:104|111|113|-2|-3)\]|\bConnection refused\b`,
  ],
  timeout: [
    String.raw`\bTimeoutError\b|\b(?:Read|Connect)Timeout(?:Error)?\b|\bsocket\.timeout\b|\[Errno 110\]`,
  ],
  "out-of-memory": [String.raw`\bMemoryError\b|\[Errno 12\]|\bCannot allocate memory\b|\bOut of memory\b`],
  exit: [String.raw`\bSystemExit: (?<code>[1-9]\d{0,2})\b`, ...exit],
  permission: [String.raw`\bPermissionError: [^']{0,200}${path}`, String.raw`\bPermissionError\b`],
  port: [String.raw`\[Errno 98\]|\bAddress already in use\b`],
  "disk-full": [String.raw`\[Errno 28\]`, ...full],
};

const node: Preset = {
  "missing-module": [
    String.raw`\bCannot find (?:module|package) '(?<npm>(?:@[A-Za-z0-9._~-]{1,100}\/)?[A-Za-z0-9_~-][A-Za-z0-9._~-]{0,150})(?:\/[^']{0,500})?'`,
    String.raw`\bCannot find (?:module|package) '`,
  ],
  "missing-path": [String.raw`\bENOENT: no such file or directory(?:, \w+)? ${path}`, String.raw`\bENOENT\b`],
  connection: [
    String.raw`\b(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ENOTFOUND|EHOSTUNREACH|EAI_AGAIN)\b|\bsocket hang up\b`,
  ],
  timeout: [
    String.raw`\b(?:ETIMEDOUT|ESOCKETTIMEDOUT|UND_ERR_(?:CONNECT|HEADERS|BODY)_TIMEOUT)\b|\bTimeoutError\b`,
  ],
  "out-of-memory": [String.raw`\bheap out of memory\b|\bENOMEM\b|\bERR_WORKER_OUT_OF_MEMORY\b`],
  exit,
  permission: [String.raw`\b(?:EACCES|EPERM): [^']{0,200}${path}`, String.raw`\b(?:EACCES|EPERM)\b`],
  port: [String.raw`\bEADDRINUSE\b`],
  "disk-full": [String.raw`\bENOSPC: no space left\b`, ...full],
};

/** The presets by name. */
export const presets = { python, node } as const;

/** The patterns of those presets, each symptom once. */
export function presetPatterns(names: readonly (keyof typeof presets)[]): LogPattern[] {
  return Object.keys(presetSymptoms).flatMap((symptom) => {
    // The presets have these very names.
    const name = symptom.slice("log.".length) as PresetName;
    const match = [...new Set(names.flatMap((preset) => presets[preset][name]))];
    return match.length === 0 ? [] : [{ name, match }];
  });
}
