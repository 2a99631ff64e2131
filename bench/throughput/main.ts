import { type Bar, judge } from "../support/bars.ts";
import { runBench, withCleanup } from "../support/cleanup.ts";
import { readOptions } from "../support/options.ts";
import { report } from "../support/report.ts";
import type { Row } from "../support/table.ts";
import { checkRate } from "./checks.ts";
import { type Kind, kinds, layNode, shownTarget } from "./node.ts";
import { noopRate } from "./noops.ts";
import type { Rate } from "./rate.ts";

// Checks per second through the whole path (an enqueued tick until its looks are recorded in Redis), beside no-op BullMQ jobs per
// second through the same Redis in the same run. The Redis is healq's own private one, with its append-only file.

const options = readOptions({ seconds: 5, targets: [10, 100, 1_000, 10_000], kinds });
const { seconds } = options;

interface Measured {
  readonly kind: Kind;
  readonly count: number;
  readonly checks: Rate;
  readonly noops: Rate;
}

function measure(kind: Kind, count: number): Promise<Measured> {
  return withCleanup(async (cleanup) => {
    const base = await layNode(kind, count, cleanup);
    const checks = await checkRate(base, seconds);
    return { kind, count, checks, noops: await noopRate(base, seconds) };
  });
}

function rowOf({ kind, count, checks, noops }: Measured, marginalUs: number | undefined): Row {
  const ratio = checks.perSecond / noops.perSecond;
  const bars: Bar[] = count >= 1_000 ? [{ what: "ratio", value: ratio, atLeast: 3 }] : [];
  if (marginalUs !== undefined) bars.push({ what: "marginal", value: marginalUs, atMost: 60, unit: " µs" });
  return {
    targets: `${count.toLocaleString("en")} ${kind}`,
    "checks/s": checks.perSecond,
    "no-op jobs/s": noops.perSecond,
    ratio,
    "node µs/check": checks.nodeUs,
    "Redis µs/check": checks.redisUs,
    "CPU µs/check": checks.nodeUs + checks.redisUs,
    "marginal µs/check": marginalUs ?? "",
    bar: judge(...bars),
  };
}

/** CPU of one check more, between the measurement of 1,000 targets of the kind and this one: what each tick costs anyhow is not in it. */
function marginal(all: readonly Measured[], { kind, count, checks }: Measured): number | undefined {
  const base = all.find((other) => other.kind === kind && other.count === 1_000);
  if (base === undefined || count <= base.count) return undefined;
  const tick = (rate: Rate, targets: number) => (rate.nodeUs + rate.redisUs) * targets;
  return (tick(checks, count) - tick(base.checks, base.count)) / (count - base.count);
}

await runBench(async () => {
  const all: Measured[] = [];
  for (const kind of kinds.filter((each) => options.kinds.includes(each))) {
    for (const count of options.targets) all.push(await measure(kind, count));
  }
  const section = {
    title: "Checks a second",
    how: `${seconds} s each, one tick of all targets after the other; the no-op jobs right after, on the same Redis.`,
    config: { ...shownTarget, "no-op jobs": "added by hundreds, concurrency 50, none kept" },
    rows: all.map((each) => rowOf(each, marginal(all, each))),
  };
  report("throughput", options, [section]);
});
