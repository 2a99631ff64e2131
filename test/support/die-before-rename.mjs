// Loaded into healq by NODE_OPTIONS: kills it with -9 right before it renames a file to a path that ends in `path`, if
// its text matches `holding`. Both are read from the file CRASH_AT, once; without that file nothing happens.
import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";

const trap = process.env.CRASH_AT ?? "";
const rename = fs.renameSync;
fs.renameSync = (from, to) => {
  if (fs.existsSync(trap)) {
    const { path, holding } = JSON.parse(fs.readFileSync(trap, "utf8"));
    if (String(to).endsWith(path) && new RegExp(holding).test(fs.readFileSync(from, "utf8"))) {
      fs.rmSync(trap);
      process.kill(process.pid, "SIGKILL");
    }
  }
  rename(from, to);
};
syncBuiltinESMExports();
