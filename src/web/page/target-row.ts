import { formatDuration } from "../../lib/duration.ts";
import type { TargetView } from "../../views/status.ts";
import { type Html, html } from "./html.ts";
import { ago, button, lasting } from "./parts.ts";

/** A target: one line that says how it is, and behind it what is known and what can be done. */
export function targetRow(target: TargetView, page: { now: number; acts: boolean; nodes: boolean }): Html {
  const key = `${target.node}.${target.id}`;
  return html`<details class="target ${target.status}" id="target.${key}">
<summary>
<span class="dot" aria-hidden="true"></span>
<span class="name">${target.id}<small>${target.kind}${page.nodes && html` on ${target.node}`}</small></span>
<span class="message">${target.message}</span>
${target.phase !== "watching" && html`<span class="chip ${target.phase}">${target.phase}</span>`}
<span class="since"><b>${target.status}</b> ${lasting(target.since, page.now)}</span>
</summary>
<div class="more">
<dl>${facts(target, page.now).map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>
${page.acts && html`<p class="actions">${actions(target, key)}</p>`}
</div>
</details>`;
}

function facts(target: TargetView, now: number): [string, Html | string | number | undefined][] {
  const { heals, incident } = target;
  return [
    ["Last look", ago(target.lastCheck, now) ?? "never"],
    ...pair("State", target.state),
    ...pair("Process", target.pid),
    ["Heals", `${heals.ok} ok, ${heals.failed} failed`],
    ...pair("Incident", incident),
    ...Object.entries(target.metrics).map(([name, value]): [string, string] => [
      metricName(name),
      metric(name, value),
    ]),
  ];
}

function pair(name: string, value: string | number | null): [string, string | number][] {
  return value === null ? [] : [[name, value]];
}

const names: Readonly<Record<string, string>> = {
  rss: "Memory",
  latencyMs: "Answered in",
  ageMs: "Age",
  size: "Size",
};
const inBytes = new Set(["rss", "size", "bytes", "available", "free"]);

function metricName(name: string): string {
  return (Object.hasOwn(names, name) ? names[name] : undefined) ?? name;
}

/** By our naming of metrics: `…Ms` is a duration; memory and sizes are bytes. */
function metric(name: string, value: number): string {
  if (name.endsWith("Ms")) return formatDuration(value);
  if (!inBytes.has(name)) return String(Math.round(value * 1_000) / 1_000);
  if (value < 1_024) return `${value} B`;
  const unit = value < 1_048_576 ? 1 : value < 1_073_741_824 ? 2 : 3;
  return `${(value / 1_024 ** unit).toFixed(1)} ${["B", "KiB", "MiB", "GiB"][unit]}`;
}

function actions(target: TargetView, key: string): Html[] {
  const { id } = target;
  const path = (what: string) => `/api/${what}/${encodeURIComponent(id)}`;
  const wish = (label: string, word: string, asks?: string) =>
    button({
      label,
      path: path("wish"),
      body: { wish: word },
      key: `${word}.${key}`,
      ...(asks ? { asks } : {}),
    });
  const common = [
    button({ label: "Look now", path: path("check"), key: `check.${key}` }),
    button({
      label: "Heal",
      path: path("heal"),
      body: { reason: "asked for on the status page" },
      key: `heal.${key}`,
    }),
  ];
  if (target.kind !== "process") return common;
  if (target.phase === "stopped") return [...common, wish("Start", "start")];
  return [
    ...common,
    wish("Restart", "restart", `Restart ${id}?`),
    wish("Stop", "stop", `Stop ${id}? It stays stopped until somebody starts it.`),
  ];
}
