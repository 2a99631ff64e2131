import type { Peer } from "../peers/peer.ts";
import { type Bar, judge } from "../support/bars.ts";
import { quantiles } from "../support/statistics.ts";
import type { Row } from "../support/table.ts";
import type { Contender } from "./contest.ts";

type Quantiles = ReturnType<typeof quantiles>;

/** What healq's times should be, by its own and those of others. */
export type Bars = (own: Quantiles, of: (name: string) => Quantiles | undefined) => readonly Bar[];

/** One that did not come back meets no bar. */
const never = { median: Number.NaN, p95: Number.NaN, max: Number.NaN };

/** A table line for each peer: its times, what cannot be had and why, and healq's bars. */
export function rowsOf(
  peers: readonly Peer[],
  times: ReadonlyMap<string, readonly number[]>,
  { bars, why }: { bars: Bars; why?: (peer: Peer) => string | undefined },
): Row[] {
  const of = (name: string) => {
    const back = (times.get(name) ?? []).filter((time) => !Number.isNaN(time));
    return back.length === 0 ? undefined : quantiles(back);
  };
  return peers.map((peer) => {
    const all = times.get(peer.name);
    const own = of(peer.name);
    const not = why?.(peer) ?? peer.missing();
    if (all === undefined || not !== undefined) return { ms: peer.name, bar: not ?? "not measured" };
    const back = `${all.filter((time) => !Number.isNaN(time)).length}/${all.length}`;
    if (own === undefined) return { ms: peer.name, back, bar: "never came back" };
    const verdict = peer.name === "healq" ? judge(...bars(all.some(Number.isNaN) ? never : own, of)) : "";
    return { ms: peer.name, back, ...own, bar: verdict };
  });
}

/** The configurations of those that took part. */
export function configsOf(contenders: readonly Contender[]): Record<string, string> {
  return Object.fromEntries(contenders.map(({ peer, supervision }) => [peer.name, supervision.config]));
}
