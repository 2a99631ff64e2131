// The worker that every supervisor of bench/recovery.ts keeps alive. Its very first act is to write who it is, and when
// (CLOCK_MONOTONIC, which all processes share): so the time to it is exact, however seldom the bench looks.
//
//   node worker.cjs PID_FILE [--beat FILE] [--live MS]
//
// --beat touches FILE every 200 ms, until SIGUSR2: then it lives and does nothing. --live ends it with code 1 after so long.
const { appendFileSync, writeFileSync } = require("node:fs");
const [, , pidFile, ...options] = process.argv;
writeFileSync(pidFile, `${process.pid}\n${process.hrtime.bigint()}\n`);

const optionOf = (name) => (options.includes(name) ? options[options.indexOf(name) + 1] : undefined);
appendFileSync(`${pidFile}.starts`, `${process.hrtime.bigint()}\n`);
const beat = optionOf("--beat");
if (beat !== undefined) {
  writeFileSync(beat, "beat\n");
  const beating = setInterval(() => writeFileSync(beat, "beat\n"), 200);
  process.on("SIGUSR2", () => clearInterval(beating));
}
const live = optionOf("--live");
setTimeout(() => process.exit(1), live === undefined ? 2 ** 31 - 1 : Number(live));
