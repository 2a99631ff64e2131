import { type Config, isOn } from "../model/config.ts";
import type { NodeRecord, Pause, TargetRecord } from "../model/fleet.ts";
import type { Phase } from "../model/phase.ts";
import type { ProcessState } from "../model/process.ts";
import type { Status } from "../model/status.ts";
import type { Target } from "../model/target.ts";
import { iso } from "./time.ts";

/** One target of `healq status --json` (contract §6). What does not apply or is not known is null. */
export interface TargetView {
  readonly id: string;
  readonly kind: string;
  /** The node that looks at it; `any` as long as none of them has. */
  readonly node: string;
  readonly status: Status;
  readonly phase: Phase;
  /** Process targets only. */
  readonly state: ProcessState | null;
  readonly pid: number | null;
  /** Since when it has this status. */
  readonly since: string | null;
  readonly message: string;
  readonly lastCheck: string | null;
  /** Id of the open incident. */
  readonly incident: string | null;
  readonly heals: { readonly ok: number; readonly failed: number };
  readonly metrics: Readonly<Record<string, number>>;
}

/** `healq status --json` and `GET /api/status` (contract §6). */
export interface StatusView {
  /** The node that was asked. */
  readonly node: string;
  readonly at: string;
  /** `status.json`: Redis could not be reached, so this is what the supervisor wrote last. */
  readonly source: "redis" | "status.json";
  /** The kill switch is on. */
  readonly paused: boolean;
  readonly targets: readonly TargetView[];
}

/** What is known of the fleet, as `FleetReader` gives it. */
export interface StatusParts {
  readonly targets: readonly TargetRecord[];
  readonly nodes: readonly NodeRecord[];
  readonly pauses: readonly Pause[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly source: "redis";
}

/**
 * Every target: those of this node first, in the order of the config; a target of several nodes once for each. One that
 * was never looked at, or whose node is not heard of any more, is `unknown`: an old look says nothing about now. Targets
 * of other nodes that are not in this config are shown as long as their node announces them.
 */
export function statusView(config: Config, parts: StatusParts): StatusView {
  const places = [...config.targets.values()].flatMap((target) => placesOf(target, config.node));
  const own = places.filter((place) => place.node === config.node || place.node === "any");
  const others = places.filter((place) => place.node !== config.node && place.node !== "any");
  const declared = [...own, ...others].map(({ target, node }) =>
    targetView(recordAt(parts.targets, target, node), parts.nodes),
  );
  const foreign = parts.targets
    .filter((record) => !config.targets.has(record.id) && announced(record, parts.nodes))
    .map((record) => targetView(record, parts.nodes))
    .map((view) => (view.node === config.node ? noLongerDeclared(view) : view));
  return {
    node: config.node,
    at: iso(parts.now),
    source: parts.source,
    paused: isPaused(parts.pauses, parts.now),
    targets: [...declared, ...foreign],
  };
}

/** It was taken out of the file, and the healq that runs here has not read that yet. */
function noLongerDeclared(view: TargetView): TargetView {
  return { ...view, message: `${view.message}; no longer in the config; ${rereads}` };
}

const rereads = "`healq down` and `healq up` read it anew";

/** The kill switch is on and not over. */
export function isPaused(pauses: readonly Pause[], now: number): boolean {
  return pauses.some(
    (pause) => pause.target === undefined && (pause.until === undefined || pause.until > now),
  );
}

/** One target of the view. */
function targetView(record: TargetRecord, nodes: readonly NodeRecord[]): TargetView {
  const { state, look } = record;
  const lost = whyLost(record, nodes);
  const status = lost === undefined ? (look?.status ?? state?.status ?? "unknown") : "unknown";
  const phase = state?.phase ?? "watching";
  const said = look === undefined ? notLookedAt(record, nodes) : messageOf(record);
  return {
    id: record.id,
    kind: record.kind,
    node: record.node,
    status,
    phase,
    state: shownState(record.kind, phase, look?.state),
    pid: look?.pid ?? null,
    since: iso(sinceWhen(record)),
    message: lost === undefined ? said : `${lost}; last seen: ${look?.status ?? "nothing"}, ${said}`,
    lastCheck: iso(look?.at),
    incident: state?.incident?.id ?? null,
    heals: { ok: state?.heals.ok ?? 0, failed: state?.heals.failed ?? 0 },
    metrics: look?.metrics ?? {},
  };
}

/** A healq that has started knows all targets of its config; one it does not know came later. */
function notLookedAt(record: TargetRecord, nodes: readonly NodeRecord[]): string {
  const node = nodes.find((each) => each.node === record.node && each.alive);
  const isNew = node !== undefined && !announced(record, nodes);
  return isNew ? `not in the config that healq runs on ${record.node}; ${rereads}` : "not looked at yet";
}

/** `max_restarts` and `stopped` are what healq and a person decided; the rest is what the look saw (contract §3.2). */
export function shownState(kind: string, phase: Phase, seen: ProcessState | undefined): ProcessState | null {
  if (kind !== "process") return null;
  if (phase === "gave-up") return "max_restarts";
  if (phase === "stopped") return "stopped";
  return seen ?? null;
}

/** What the look said, and, when healq holds back or is at work, why. */
function messageOf({ state, look }: TargetRecord): string {
  const seen = look?.message ?? "";
  const reason = state?.reason ?? "";
  if (state === undefined || state.phase === "watching" || state.phase === "probation") return seen;
  if (state.phase === "stopped" && look?.state === "stopped") return seen;
  if (reason === "" || seen.includes(reason)) return seen;
  return reason.includes(seen) ? reason : `${seen}; ${reason}`;
}

function sinceWhen({ state, look }: TargetRecord): number | undefined {
  if (state === undefined || look === undefined || state.status === look.status)
    return state?.since ?? look?.at;
  return look.status === "unknown" ? (state.unknownSince ?? look.at) : look.at;
}

/** Why its looks are of the past, or undefined when its node is alive. */
function whyLost(record: TargetRecord, nodes: readonly NodeRecord[]): string | undefined {
  if (record.look === undefined && record.state === undefined) return undefined;
  if (record.node === "any") return nodes.some((node) => node.alive) ? undefined : "no node is running";
  const node = nodes.find((each) => each.node === record.node);
  if (node?.alive) return undefined;
  const gone = node === undefined || node.seenAt === 0;
  return gone
    ? `healq is not running on ${record.node}`
    : `healq on ${record.node} is gone since ${iso(node.seenAt)}`;
}

function announced(record: TargetRecord, nodes: readonly NodeRecord[]): boolean {
  return nodes.some(
    (node) => node.node === record.node && node.targets.some((target) => target.id === record.id),
  );
}

function placesOf(target: Target, own: string): { target: Target; node: string }[] {
  if (target.nodes === "any") return [{ target, node: "any" }];
  const first = isOn(target, own) ? [own] : [];
  const rest = target.nodes.filter((node) => node !== own);
  return [...first, ...rest].map((node) => ({ target, node }));
}

/** The record of a target at a place; of an `any` target the newest. One without a look where there is none. */
function recordAt(records: readonly TargetRecord[], target: Target, node: string): TargetRecord {
  const known = records.filter(
    (record) => record.id === target.id && (node === "any" || record.node === node),
  );
  const newest = known.reduce<TargetRecord | undefined>(
    (best, each) => ((each.look?.at ?? 0) > (best?.look?.at ?? -1) ? each : best),
    undefined,
  );
  return newest ?? { id: target.id, kind: target.kind, node };
}
