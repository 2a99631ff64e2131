import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Bar, judge } from "./support/bars.ts";
import { runBench, withCleanup } from "./support/cleanup.ts";
import { startHealq } from "./support/healq.ts";
import { readOptions } from "./support/options.ts";
import { healqProgram } from "./support/places.ts";
import { report } from "./support/report.ts";
import { quantiles } from "./support/statistics.ts";

// How long a person waits for the command, beside node's own start.

const options = readOptions({ runs: 20, targets: 10 });
const { runs, targets: count } = options;

interface Command {
  readonly name: string;
  readonly args: readonly string[];
  /** Milliseconds. */
  readonly atMost?: number;
}

/** Wall time of one run in milliseconds. */
function timeOf({ name, args }: Command): number {
  const began = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { stdio: ["ignore", "ignore", "pipe"] });
  const took = Number(process.hrtime.bigint() - began) / 1e6;
  if (status !== 0) throw new Error(`${name} ended with code ${status}: ${stderr}`);
  return took;
}

function barOf({ atMost }: Command, median: number): string {
  const bars: Bar[] = atMost === undefined ? [] : [{ what: "median", value: median, atMost }];
  return judge(...bars);
}

await runBench(() =>
  withCleanup(async (cleanup) => {
    const folder = cleanup.folder();
    writeFileSync(join(folder, "file"), "{}\n");
    const target = { kind: "file", path: "file", format: "json" };
    const targets = Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, target]));
    const { configFile } = await startHealq(folder, { targets }, cleanup);
    const commands: Command[] = [
      { name: "node -e 0", args: ["-e", "0"] },
      { name: "healq --help", args: [healqProgram, "--help"], atMost: 120 },
      { name: "healq status", args: [healqProgram, "status", "-c", configFile], atMost: 250 },
      { name: "healq check", args: [healqProgram, "check", "-c", configFile] },
    ];
    for (const command of commands) timeOf(command);
    const times = commands.map((): number[] => []);
    for (let run = 0; run < runs; run += 1) {
      for (const [i, command] of commands.entries()) times[i]?.push(timeOf(command));
    }
    const rows = commands.map((command, i) => {
      const own = quantiles(times[i] ?? []);
      return { ms: command.name, ...own, bar: barOf(command, own.median) };
    });
    const how = `${runs} runs each, in turns, after one that warms the file cache; ${count} file targets, and a healq that runs.`;
    report("cli", options, [{ title: "The command, ms", how, config: {}, rows }]);
  }),
);
