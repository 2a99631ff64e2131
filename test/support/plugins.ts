import { existsSync } from "node:fs";
import { join } from "node:path";

const folders = [
  "/usr/lib/nagios/plugins",
  "/usr/lib64/nagios/plugins",
  "/usr/lib/monitoring-plugins",
  "/opt/homebrew/opt/monitoring-plugins/libexec",
];

/** Where the Nagios plugins are, as Debian and others ship them, unmodified. setup.sh installs them. */
export function pluginFolder(): string {
  const folder = folders.find((each) => existsSync(join(each, "check_disk")));
  if (folder === undefined) throw new Error("there are no Nagios plugins here; run ./setup.sh");
  return folder;
}
