import { type Cost, costOf } from "./idle/measure.ts";
import { healqFiles, healqProcesses, monitFiles, pm2Processes, type Subject } from "./idle/subjects.ts";
import { type Bar, judge } from "./support/bars.ts";
import { runBench, withCleanup } from "./support/cleanup.ts";
import { readOptions } from "./support/options.ts";
import { report } from "./support/report.ts";
import type { Row } from "./support/table.ts";
import { pause } from "./support/wait.ts";

// What it costs to watch targets that are all well: memory and CPU of healq and its Redis, and how late its ticks come; beside monit
// and pm2, each with as many as it can.

const options = readOptions({ seconds: 60, warmup: 20, targets: [10, 100, 1_000, 10_000], processes: 100 });
const { seconds, warmup, processes } = options;
const subjects = [healqFiles, monitFiles, healqProcesses(processes), pm2Processes(processes)];

/** By number of targets: percent of a core, and MB. */
const cpuBars = new Map([
  [100, 2],
  [1_000, 3],
  [10_000, 10],
]);
const rssBars = new Map([
  [100, 100],
  [10_000, 200],
]);

function measure(subject: Subject, count: number): Promise<Cost> {
  return withCleanup(async (cleanup) => {
    const watching = await subject.start(count, cleanup.folder(), cleanup);
    await pause(warmup * 1_000);
    return costOf(watching, seconds);
  });
}

function barsOf(count: number, { rss, cpu, ticks }: Cost): string {
  const bars: Bar[] = [];
  const [atMostCpu, atMostRss] = [cpuBars.get(count), rssBars.get(count)];
  if (atMostCpu !== undefined) bars.push({ what: "CPU", value: cpu, atMost: atMostCpu, unit: " %" });
  if (atMostRss !== undefined) bars.push({ what: "RSS", value: rss, atMost: atMostRss, unit: " MB" });
  if (ticks !== undefined) bars.push({ what: "late", value: ticks.recorded, atMost: 1_000, unit: " ms" });
  return judge(...bars);
}

function rowOf(subject: Subject, count: number, cost: Cost): Row {
  const { rss, pss, cpu, ticks } = cost;
  return {
    "targets, every 10 s": `${count.toLocaleString("en")}: ${subject.name}`,
    "RSS, MB": rss,
    "PSS, MB": pss,
    "CPU, %": cpu,
    ticks: ticks === undefined ? "" : `${ticks.seen}/${ticks.of}`,
    "enqueued p99, ms": ticks?.enqueued ?? "",
    "recorded p99, ms": ticks?.recorded ?? "",
    bar: subject === healqFiles ? barsOf(count, cost) : "",
  };
}

/** The CPU of one look more, from what `up` uses at the fewest and the most targets from 1,000. */
function marginal(costs: ReadonlyMap<number, Cost>): string {
  const counts = [...costs.keys()].filter((count) => count >= 1_000).sort((a, b) => a - b);
  const [few = 0, many = few] = [counts[0], counts.at(-1)];
  if (few === many) return "";
  const more = (costs.get(many)?.cpu ?? Number.NaN) - (costs.get(few)?.cpu ?? Number.NaN);
  // Percent of a core are hundredths of a second a second; each target is looked at once in 10 s.
  const micros = (more * 10_000) / ((many - few) / 10);
  return ` From ${few.toLocaleString("en")} to ${many.toLocaleString("en")} files one look more costs ${micros.toFixed(0)} µs of CPU (healq and Redis).`;
}

await runBench(async () => {
  const rows: Row[] = [];
  const costs = new Map<number, Cost>();
  for (const count of options.targets) {
    for (const subject of subjects) {
      const why = subject.cannot(count);
      if (why !== undefined) {
        rows.push({ "targets, every 10 s": `${count.toLocaleString("en")}: ${subject.name}`, bar: why });
        continue;
      }
      const cost = await measure(subject, count);
      if (subject === healqFiles) costs.set(count, cost);
      rows.push(rowOf(subject, count, cost));
    }
  }
  const how =
    `All parts of \`healq up\`, its private Redis included; ${seconds} s, after ${warmup} s. RSS and PSS: the largest of some samples. ` +
    `Ticks: how many came, and how late (p99) their looks were enqueued and recorded.${marginal(costs)}`;
  const config = Object.fromEntries(subjects.map((subject) => [subject.name, subject.config]));
  report("idle", options, [{ title: "Watching what is well", how, config, rows }]);
});
