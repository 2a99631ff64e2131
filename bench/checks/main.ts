import { type Bar, judge } from "../support/bars.ts";
import { runBench, withCleanup } from "../support/cleanup.ts";
import { readOptions } from "../support/options.ts";
import { report } from "../support/report.ts";
import type { Row } from "../support/table.ts";
import { bareCost, costOf } from "./cost.ts";
import { delayOf } from "./hanging.ts";
import { lay } from "./lay.ts";
import { leakOf } from "./leak.ts";
import { type Subject, subjects } from "./subjects.ts";

// What one check of each kind costs this process, without queue and Redis, beside the bare system calls that it cannot do without; how
// long the event loop is held; what many checks leave behind; and whether those that hang delay the others.

const options = readOptions({ targets: 1_000, seconds: 3, kinds: Object.keys(subjects), checks: 100_000 });

function rowOf(name: string, subject: Subject): Promise<Row> {
  return withCleanup(async (cleanup) => {
    const laid = await lay(subject, options.targets, cleanup);
    const { cpuUs, tickMs, heldMs } = await costOf(laid, options.seconds);
    const bareUs = await bareCost(subject.bare(laid.folder), Math.min(1, options.seconds));
    const bars: Bar[] = [{ what: "held", value: heldMs, atMost: 20, unit: " ms" }];
    if (subject.perTick !== undefined)
      bars.unshift({ what: "tick", value: tickMs, atMost: subject.perTick, unit: " ms" });
    if (subject.perCheck !== undefined)
      bars.unshift({ what: "check", value: cpuUs, atMost: subject.perCheck, unit: " µs" });
    return {
      [`${options.targets.toLocaleString("en")} of each`]: `${laid.targets.length.toLocaleString("en")} ${name}`,
      "CPU µs/check": cpuUs,
      "bare, µs": bareUs,
      "tick, ms": tickMs,
      "loop held, ms": heldMs,
      bar: judge(...bars),
    };
  });
}

const kindsAsked = Object.entries(subjects).filter(([name]) => options.kinds.includes(name));

function leakRows(): Promise<Row[]> {
  const lasting = kindsAsked.filter(([name]) => name === "file" || name === "process" || name === "http");
  return lasting.reduce<Promise<Row[]>>(async (rows, [name, subject]) => {
    const before = await rows;
    const { checks, heapMb, files, handles } = await withCleanup(async (cleanup) =>
      leakOf(await lay(subject, options.targets, cleanup), options.checks),
    );
    const bars: Bar[] = [
      { what: "heap", value: heapMb, atMost: 2, unit: " MB" },
      { what: "files", value: files, atMost: 0 },
    ];
    const what = `${checks.toLocaleString("en")} × ${name}`;
    return [
      ...before,
      { checks: what, "heap, MB": heapMb, "open files": files, handles, bar: judge(...bars) },
    ];
  }, Promise.resolve([]));
}

async function hangingRow(): Promise<Row> {
  const { others, hanging, aloneMs, besideMs } = await withCleanup((cleanup) =>
    delayOf(options.targets, cleanup),
  );
  return {
    targets: `${others.toLocaleString("en")} files`,
    "alone, ms": aloneMs,
    [`beside ${hanging} that hang, ms`]: besideMs,
    bar: judge({ what: "delay", value: besideMs - aloneMs, atMost: 20, unit: " ms" }),
  };
}

await runBench(async () => {
  const rows: Row[] = [];
  for (const [name, subject] of kindsAsked) rows.push(await rowOf(name, subject));
  const config = Object.fromEntries(
    kindsAsked.map(([name, { shown, shownBare }]) => [name, `${shown}; bare: ${shownBare}`]),
  );
  report("checks", options, [
    {
      title: "What a check costs",
      how: `${options.seconds} s each, one tick of all targets after the other, all well. CPU of this process; what a program that is asked uses is not in it.`,
      config,
      rows,
    },
    {
      title: "What many checks leave behind",
      how: "After collecting, against before.",
      config: {},
      rows: await leakRows(),
    },
    {
      title: "Those that hang",
      how: "Until the last of the others was looked at, in the median of 5; those that hang are addresses whose server never answers.",
      config: {},
      rows: [await hangingRow()],
    },
  ]);
});
