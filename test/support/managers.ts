import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { onlyPath, putOnPath } from "./path.ts";
import { scratch } from "./scratch.ts";

/**
 * Stand-ins for `systemctl` and `docker` on PATH, where no daemon of theirs runs: they print what the real ones print, from
 * files, keep each call in `calls`, and a `restart`, `start` or `stop` puts the file `NAME.VERB` in place of `NAME`.
 */
export interface StandIns {
  readonly folder: string;
  /** What is printed of a unit or a container from now on. */
  put(name: string, text: string): void;
  /** What it is after that verb. */
  after(name: string, verb: "restart" | "start" | "stop", text: string): void;
  /** What goes to stderr, with exit code 1, instead of an answer. */
  refuse(complaint: string): void;
  /** Each call, its arguments joined by blanks. */
  calls(): string[];
}

const common = `#!/bin/sh
# A stand-in: see test/support/managers.ts.
here=\${0%/*}
echo "\${0##*/} $*" >> "$here/calls"
if [ -f "$here/hang" ]; then exec sleep 300; fi
if [ -f "$here/refusal" ]; then cat "$here/refusal" >&2; exit 1; fi
`;

/** One block a unit, parted by empty lines; one that nobody knows is \`not-found\`, as systemctl says it. */
const systemctl = `${common}
verb=
while [ "$1" != -- ]; do case $1 in -*) ;; *) verb=$1 ;; esac; shift; done
shift
first=yes
for name in "$@"; do
  case $verb in
    show)
      if [ -z "$first" ]; then echo; fi
      first=
      if [ -f "$here/units/$name" ]; then cat "$here/units/$name"
      else printf 'Id=%s\\nNames=%s\\nLoadState=not-found\\nActiveState=inactive\\nSubState=dead\\n' "$name" "$name"; fi ;;
    *)
      if [ ! -f "$here/units/$name" ]; then echo "Failed to $verb $name: Unit $name not found." >&2; exit 5; fi
      if [ -f "$here/units/$name.$verb" ]; then cp "$here/units/$name.$verb" "$here/units/$name"; fi ;;
  esac
done
`;

/** One line of JSON a container. */
const docker = `${common}
verb=$1
while [ "$1" != -- ]; do shift; done
shift
code=0
for name in "$@"; do
  if [ ! -f "$here/units/$name" ]; then echo "Error response from daemon: No such container: $name" >&2; code=1; continue; fi
  case $verb in
    inspect) cat "$here/units/$name" ;;
    *)
      if [ -f "$here/units/$name.$verb" ]; then cp "$here/units/$name.$verb" "$here/units/$name"; fi
      echo "$name" ;;
  esac
done
exit $code
`;

/** Puts both on PATH until the current test ends. */
export function standIns(): StandIns {
  const folder = scratch();
  const at = (...names: string[]) => join(folder, ...names);
  mkdirSync(at("units"));
  for (const [name, text] of [
    ["systemctl", systemctl],
    ["docker", docker],
  ] as const) {
    writeFileSync(at(name), text);
    chmodSync(at(name), 0o755);
  }
  putOnPath(folder);
  return {
    folder,
    put: (name, text) => writeFileSync(at("units", name), text),
    after: (name, verb, text) => writeFileSync(at("units", `${name}.${verb}`), text),
    refuse: (complaint) => writeFileSync(at("refusal"), `${complaint}\n`),
    calls: () => (existsSync(at("calls")) ? readFileSync(at("calls"), "utf8").trim().split("\n") : []),
  };
}

/** What `systemctl show` prints of a unit, in the order of systemd 252. */
export function systemdBlock(name: string, changed: Readonly<Record<string, string | number>> = {}): string {
  const properties = {
    Type: "simple",
    MainPID: 0,
    Result: "success",
    NRestarts: 0,
    ExecMainCode: 0,
    ExecMainStatus: 0,
    Id: name,
    Names: name,
    LoadState: "loaded",
    ActiveState: "active",
    SubState: "running",
    StateChangeTimestampMonotonic: 12_345_678,
    ...changed,
  };
  return Object.entries(properties)
    .map(([property, value]) => `${property}=${value}\n`)
    .join("");
}

/** What `docker inspect` prints of a container in healq's format. */
export function dockerLine(name: string, state: object, more: { policy?: string } = {}): string {
  const whole = {
    Status: "running",
    Running: true,
    Paused: false,
    Restarting: false,
    OOMKilled: false,
    Dead: false,
    Pid: 0,
    ExitCode: 0,
    Error: "",
    StartedAt: new Date().toISOString(),
    FinishedAt: "0001-01-01T00:00:00Z",
    ...state,
  };
  const id = "ff".repeat(32);
  const line = { name: `/${name}`, id, state: whole, policy: more.policy ?? "no", restarts: 0 };
  return `${JSON.stringify(line)}\n`;
}

/** Leaves nothing on PATH but a shell's own: no manager is there. */
export function noManagers(): void {
  onlyPath(scratch());
}
