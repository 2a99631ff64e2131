import type { Pause } from "../../model/fleet.ts";
import type { AuditView } from "../../views/audit.ts";
import type { IncidentView } from "../../views/incident.ts";
import { pausedBy, type Silence, silencesOf } from "../../views/silences.ts";
import type { StatusView, TargetView } from "../../views/status.ts";
import type { Visitor } from "../door.ts";
import { type Html, html } from "./html.ts";
import { brand, layout } from "./layout.ts";
import { button, moment } from "./parts.ts";
import { incidentList, recordList } from "./record.ts";
import { targetRow } from "./target-row.ts";

/** What the status page shows. */
export interface PageContent {
  readonly status: StatusView;
  readonly incidents: readonly IncidentView[];
  readonly record: readonly AuditView[];
  readonly pauses: readonly Pause[];
}

/** The whole status page; `problem` in place of the content when it could not be read. */
export function statusPage(page: { node: string; visitor: Visitor; live: Html }): string {
  const { visitor } = page;
  return layout({
    title: `${page.node} · healq`,
    script: true,
    body: html`<header>
${brand()}
<span class="node">${page.node}</span>
<span id="link" class="link" role="status"><span>connecting</span></span>
<nav>
<a href="/queues">Queues</a>
<form method="post" action="/logout"><button class="quiet" type="submit" title="signed in as ${visitor.name} (${visitor.role})">Sign out</button></form>
</nav>
</header>
<p id="said" role="status" hidden></p>
<main id="live">${page.live}</main>`,
  });
}

/** The part of the page that is renewed while it is open. */
export function livePart(content: PageContent, visitor: Visitor): Html {
  const { status, pauses } = content;
  const now = Date.parse(status.at);
  const acts = visitor.role === "operator";
  const nodes = new Set(status.targets.map(({ node }) => node)).size > 1;
  return html`${headline(status, acts)}
${status.paused && pauseBanner(pauses, acts)}
${silencesOf(pauses, now).map((silence) => silenceNotice(silence, now, acts))}
${incidentList(content.incidents, now)}
<section>
<h2>Targets</h2>
${status.targets.length === 0 && html`<p class="faint">The config declares no targets.</p>`}
<div class="targets">${worstFirst(status.targets).map((target) => targetRow(target, { now, acts, nodes }))}</div>
</section>
${recordList(content.record)}`;
}

/** What is shown while nothing can be read. */
export function problemPart(message: string): Html {
  return html`<section class="headline critical"><h1>No word from Redis</h1><p>${message}.
Processes are watched and restarted all the same; this page comes back by itself.</p></section>`;
}

const order = ["critical", "warning", "unknown", "ok"] as const;

function worstFirst(targets: readonly TargetView[]): TargetView[] {
  return order.flatMap((status) => targets.filter((target) => target.status === status));
}

function headline({ targets, paused }: StatusView, acts: boolean): Html {
  const count = (status: string) => targets.filter((target) => target.status === status).length;
  const worst = order.find((status) => count(status) > 0) ?? "ok";
  const bad = count("critical") + count("warning");
  const unknown = count("unknown");
  const counts = order.filter((status) => count(status) > 0).map((status) => `${count(status)} ${status}`);
  return html`<section class="headline ${worst}">
<h1>${bad > 0 ? `${bad} of ${targets.length} ${bad === 1 ? "needs" : "need"} attention` : unknown > 0 ? `${unknown} of ${targets.length} not known` : "All is well"}</h1>
<p>${counts.length > 1 ? counts.join(" · ") : `${targets.length} ${targets.length === 1 ? "target" : "targets"} watched`}</p>
${acts && !paused && button({ label: "Pause healing", path: "/api/pause", body: { reason: "paused on the status page" }, asks: "Pause everything? Nothing is healed until somebody resumes.", key: "pause" })}
</section>`;
}

function pauseBanner(pauses: readonly Pause[], acts: boolean): Html {
  const pause = pauses.find(({ target }) => target === undefined);
  const until = pause?.until === undefined ? "" : ` until ${moment(pause.until)}`;
  const who = pause === undefined ? "" : ` by ${pause.by}${pause.reason === "" ? "" : `: ${pause.reason}`}`;
  return html`<section class="notice uneasy"><p><b>Paused${until}</b>${who}. Nothing is healed meanwhile.</p>
${acts && button({ label: "Resume", path: "/api/resume", key: "resume" })}</section>`;
}

function silenceNotice(silence: Silence, now: number, acts: boolean): Html {
  const { target } = silence;
  const resume = {
    label: "Resume",
    path: "/api/resume",
    body: { targets: [target] },
    key: `resume.${target}`,
  };
  return html`<section class="notice uneasy"><p><b>${target} is silenced</b>${pausedBy(silence, now)}. It is not healed meanwhile.</p>
${acts && button(resume)}</section>`;
}
