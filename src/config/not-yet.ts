// What the contract names and later versions will have. Using it is an error that says so, instead of "unknown".
// A name leaves this file when its kind, field, remedy or channel is built; what is registered is never looked up here.

/** Kinds of targets. */
const kinds = [
  "tmux",
  "tcp",
  "sqlite",
  "postgres",
  "mysql",
  "queue",
  "disk",
  "memory",
  "cpu",
  "log",
  "config",
  "requires",
  "heartbeat",
];

/** Fields of kinds that are built. */
const fields: Readonly<Record<string, readonly string[]>> = {
  process: ["systemd", "docker", "pm2", "limits", "instances", "console"],
  http: ["certificate"],
};

const remedies = [
  "webhook",
  "interrupt",
  "kill-session",
  "requeue",
  "release-lock",
  "checkpoint",
  "cancel-blocker",
  "terminate-blocker",
  "kill-query",
  "kill-connection",
  "retry-failed",
  "clean",
  "install",
  "mkdir",
  "patch",
];

const channels = ["email"];

/** True for what the contract names but this version does not have. */
export const isNotYet = {
  kind: (name: string): boolean => kinds.includes(name),
  field: (kind: string, name: string): boolean => fields[kind]?.includes(name) === true,
  remedy: (name: string): boolean => remedies.includes(name),
  channel: (name: string): boolean => channels.includes(name),
};
