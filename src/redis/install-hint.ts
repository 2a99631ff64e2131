/** What decides how a Redis is installed here. */
interface Machine {
  /** As `process.platform` names it. */
  readonly platform: string;
  /** The text of /etc/os-release; empty when there is none. Source: os-release(5). */
  readonly osRelease: string;
  readonly isRoot: boolean;
}

/** Distributions whose own packages hold Valkey rather than Redis since the change of Redis' licence, by family and first version. */
const valkeySince: Readonly<Record<string, number>> = {
  fedora: 41,
  rhel: 10,
  suse: 16,
  alpine: 3.21,
  arch: 0,
  amzn: 2023,
};

const commands: Readonly<Record<string, (server: "redis" | "valkey") => string>> = {
  debian: () => "apt-get install -y redis-server",
  fedora: (server) => `dnf install -y ${server}`,
  rhel: (server) => `dnf install -y ${server}`,
  amzn: (server) => `dnf install -y ${server}`,
  alpine: (server) => `apk add ${server}`,
  arch: (server) => `pacman -S --noconfirm ${server}`,
  suse: (server) => `zypper install -y ${server}`,
};

/** Other names of the families above, as ID or in ID_LIKE; the first that fits wins, the more particular ones first. */
const families: readonly (readonly [string, string])[] = [
  ["amzn", "amzn"],
  ["debian", "debian"],
  ["ubuntu", "debian"],
  ["alpine", "alpine"],
  ["arch", "arch"],
  ["rhel", "rhel"],
  ["centos", "rhel"],
  ["fedora", "fedora"],
  ["suse", "suse"],
  ["opensuse", "suse"],
  ["opensuse-tumbleweed", "suse"],
];

/** The exact command that installs a redis-server or valkey-server here; undefined on a distribution that is not known. */
export function installCommand({ platform, osRelease, isRoot }: Machine): string | undefined {
  if (platform === "darwin") return "brew install redis";
  if (platform !== "linux") return undefined;
  const names = [fieldOf(osRelease, "ID"), ...fieldOf(osRelease, "ID_LIKE").split(" ")];
  const family = families.find(([name]) => names.includes(name))?.[1] ?? "";
  const command = commands[family];
  if (command === undefined) return undefined;
  const version = Number.parseFloat(fieldOf(osRelease, "VERSION_ID"));
  // A rolling release has no version, or a date for one.
  const hasValkey = Number.isNaN(version) || version >= (valkeySince[family] ?? Number.POSITIVE_INFINITY);
  return `${isRoot ? "" : "sudo "}${command(hasValkey ? "valkey" : "redis")}`;
}

/** One value of os-release, without its quotes. */
function fieldOf(osRelease: string, name: string): string {
  const line = osRelease.split("\n").find((text) => text.startsWith(`${name}=`));
  return line?.slice(name.length + 1).replace(/^(["'])(.*)\1$/, "$2") ?? "";
}
