import * as z from "zod";
import { argv, duration, size } from "../lib/fields.ts";
import { regexField } from "./bounded-regex.ts";
import { environmentField } from "./environment-field.ts";
import { statusField, urlField } from "./http-expect.ts";
import { instancesField } from "./instances-field.ts";
import { limitsField } from "./process-limits-field.ts";
import { dockerField, pm2Field, systemdField } from "./unit-fields.ts";

/** The signals that may ask a process to end; SIGSTOP and its like would not. */
const stopSignals = ["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGKILL"] as const;

const health = z
  .strictObject({
    url: urlField().describe("Asked with GET."),
    timeout: duration()
      .optional()
      .describe("How long an answer may take. Default, and at most: a little less than the look's timeout."),
    status: statusField().default("2xx").describe("The status wanted. Default: 2xx."),
  })
  .describe("An address of the process that must answer.");

const written = z.strictObject({
  path: z.string().min(1).describe("The file; relative to the config file."),
  maxAge: duration().describe(
    "Hung when it was not written for this long, counted from the start at the earliest.",
  ),
});

const stopGently = z.strictObject({
  signal: z.enum(stopSignals).default("SIGTERM").describe("Sent to the whole group. Default: SIGTERM."),
  timeout: duration().prefault("10s").describe("Then SIGKILL. Default: 10s."),
});

/** The fields of a `process` target. Those that only count beside `run` have no default here, so that their use can be refused. */
export const processSchema = z.strictObject({
  run: argv()
    .optional()
    .describe(
      "Program and arguments that healq starts; a relative program path starts at cwd. Runs in the foreground.",
    ),
  match: regexField()
    .optional()
    .describe("Found by this regular expression on the command line (arguments joined by blanks)."),
  pidFile: z.string().min(1).optional().describe("Found by the pid in this file."),
  port: z.int().min(1).max(65_535).optional().describe("Found by the TCP port it listens on."),
  systemd: systemdField(),
  docker: dockerField(),
  pm2: pm2Field(),
  start: argv()
    .optional()
    .describe("Starts a process that was found, for example [systemctl, start, nginx]."),
  stop: z
    .union([stopGently, argv()], {
      error: "must be { signal, timeout }, or for a process found a command as a list of words",
    })
    .optional()
    .describe("With run: { signal, timeout }. For a process that was found: the command that stops it."),
  health: z
    .union([urlField().transform((url) => ({ url, status: "2xx" as const })), health], {
      error: "must be a URL that starts with http:// or https://, or { url, timeout, status }",
    })
    .optional()
    .describe("An address of the process that must answer: a URL, or { url, timeout, status }."),
  output: written.optional().describe("A file that it must keep writing: alive, but is it working?"),
  heartbeat: written.optional().describe("A file that it must keep touching."),
  limits: limitsField(),
  env: environmentField()
    .optional()
    .describe("Variables added to healq's own environment, less HEALQ_* and the Redis URL."),
  envFile: z.string().min(1).optional().describe("A file of NAME=value lines, added before env."),
  cwd: z.string().min(1).optional().describe("Where it runs. Default: the config file's folder."),
  user: z
    .string()
    .regex(/^[A-Za-z0-9_][A-Za-z0-9_.@-]*\$?$/, { error: "is not a user's name" })
    .optional()
    .describe(
      "With run: who runs it (healq must be root). With match: whose processes are searched. With pm2: whose pm2 it is.",
    ),
  nice: z.int().min(-20).max(19).optional().describe("Its priority, from -20 (first) to 19 (last)."),
  umask: z
    .string({ error: 'is octal digits as text; quote it: "027"' })
    .regex(/^0?[0-7]{3}$/, { error: 'must be three octal digits: "027"' })
    .optional()
    .describe('Its umask, as quoted octal digits: "027".'),
  console: z
    .enum(["tmux"])
    .optional()
    .describe("Runs it in a window of tmux; `healq attach ID` shows it. Default: it has no terminal."),
  restart: z
    .enum(["always", "on-failure", "never"])
    .optional()
    .describe(
      "When an exit is cured; on-failure leaves alone what ended well, or was stopped through its manager. Default: always.",
    ),
  exitCodes: z
    .array(z.int().min(0).max(255))
    .min(1)
    .optional()
    .describe("The exit codes that are a success. Default: [0]."),
  instances: instancesField(),
  startGrace: duration()
    .prefault("10s")
    .describe("Until so long after its start a look that is not ok reads `starting`. Default: 10s."),
  stableFor: duration()
    .optional()
    .describe(
      "Without health, output and heartbeat: it works when it has been alive for this long. Default: 1s.",
    ),
  log: z
    .strictObject({
      path: z.string().min(1).optional().describe("Default: logs/ID.log under stateDir."),
      maxSize: size().prefault("10MB").describe("Rotated when it is larger. Default: 10MB."),
      keep: z.int().min(0).max(100).default(5).describe("Rotated files that are kept. Default: 5."),
    })
    .optional()
    .describe("Where what it writes goes."),
});

/** The fields of a `process` target, as parsed. */
export type ProcessFields = z.output<typeof processSchema>;
