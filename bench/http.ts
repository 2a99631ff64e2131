import { type SlowServer, startSlowServer } from "./http/server.ts";
import { monitMissing, startMonit } from "./peers/monit.ts";
import { judge } from "./support/bars.ts";
import { type Cleanup, runBench, withCleanup } from "./support/cleanup.ts";
import { startHealq } from "./support/healq.ts";
import { readOptions } from "./support/options.ts";
import { report } from "./support/report.ts";
import { quantiles } from "./support/statistics.ts";
import type { Row } from "./support/table.ts";
import { readTicks } from "./support/ticks.ts";
import { need } from "./support/wait.ts";

// Many web addresses, each of which takes its time to answer, looked at in one tick: how long until all are recorded. Beside monit.

const options = readOptions({ targets: 100, answer: 50, rounds: 10 });
const { targets: count, answer, rounds } = options;
const column = `${count} × http`;

/** Rounds that had all the targets. */
const complete = (server: SlowServer) => server.rounds().filter(({ requests }) => requests === count);

/** A round may take each answer one after the other, and some more. */
const within = 30_000 + rounds * (count * (answer + 20) + 5_000);

async function withHealq(server: SlowServer, cleanup: Cleanup): Promise<Row> {
  const target = (i: number) => ({ kind: "http", url: `http://127.0.0.1:${server.port}/${i}` });
  const targets = Object.fromEntries(Array.from({ length: count }, (_, i) => [`t${i}`, target(i)]));
  const defaults = { cron: "*/2 * * * * *" };
  const node = await startHealq(cleanup.folder(), { defaults, targets }, cleanup);
  const since = Date.now();
  server.reset();
  await need(() => complete(server).length > rounds, { within, what: "healq has looked often enough" });
  const jobs = await readTicks(node.stateDir, since);
  await node.stop();
  const ticks = new Map<number, { targets: number; done: number }>();
  for (const { tick, done, targets: some } of jobs) {
    const before = ticks.get(tick) ?? { targets: 0, done: 0 };
    ticks.set(tick, { targets: before.targets + some, done: Math.max(before.done, done) });
  }
  const whole = [...ticks].filter(([, { targets: all }]) => all === count);
  return rowOf("healq", server, whole.map(([tick, { done }]) => done - tick).slice(0, rounds));
}

async function withMonit(server: SlowServer, cleanup: Cleanup): Promise<Row> {
  const why = monitMissing();
  if (why !== undefined) return { [column]: "monit", bar: why };
  const check = (i: number) =>
    `check host t${i} with address 127.0.0.1 if failed port ${server.port} protocol http request "/${i}" then alert`;
  server.reset();
  const checks = Array.from({ length: count }, (_, i) => check(i));
  const monit = await startMonit(cleanup.folder(), { checks, cycle: 2 }, cleanup);
  await need(() => complete(server).length >= Math.min(rounds, 3), {
    within,
    what: "monit has looked often enough",
  });
  await monit.stop();
  return rowOf("monit", server, []);
}

/** What the server saw is the same measure for all; what follows it until all is recorded only healq tells. */
function rowOf(name: string, server: SlowServer, recorded: readonly number[]): Row {
  const answered = quantiles(complete(server).map(({ ms }) => ms));
  const tick = quantiles(recorded);
  const own = recorded.length > 0;
  return {
    [column]: name,
    "first request to last answer, ms": answered.median,
    "p95, ms": answered.p95,
    "tick to all recorded, ms": own ? tick.median : "",
    "p95 of it, ms": own ? tick.p95 : "",
    bar: name === "healq" ? judge({ what: "recorded, median", value: tick.median, atMost: 300 }) : "",
  };
}

await runBench(() =>
  withCleanup(async (cleanup) => {
    const server = await startSlowServer(answer, cleanup);
    const healq = await withHealq(server, cleanup);
    const monit = await withMonit(server, cleanup);
    const section = {
      title: `${count} web addresses that answer in ${answer} ms, in one tick`,
      how: `Medians of ${rounds} rounds (monit: up to 3), as the server saw them, and as healq recorded them.`,
      config: {
        healq: 'cron: "*/2 * * * * *"; { kind: http, url: … }',
        monit: "set daemon 2; check host … if failed port … protocol http request … then alert",
      },
      rows: [healq, monit],
    };
    report("http", options, [section]);
  }),
);
