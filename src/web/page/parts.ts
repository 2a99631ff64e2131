import { age, iso } from "../../views/time.ts";
import { type Html, html } from "./html.ts";

/** How long ago, with the exact time for who points at it. */
export function ago(at: string | null, now: number): Html | undefined {
  if (at === null) return undefined;
  const text = age(now - Date.parse(at));
  return html`<time datetime="${at}" title="${at}">${text === "now" ? "just now" : `${text} ago`}</time>`;
}

/** For how long. */
export function lasting(since: string | null, now: number): Html | undefined {
  if (since === null) return undefined;
  const text = age(now - Date.parse(since));
  return html`<time datetime="${since}" title="since ${since}">${text === "now" ? "0s" : text}</time>`;
}

/** The time of day in UTC. */
export function timeOfDay(at: string): Html {
  return html`<time datetime="${at}" title="${at}">${at.slice(11, 19)}</time>`;
}

/** A moment in UTC, in words short enough for a line. */
export function moment(ms: number): string {
  return `${iso(ms).slice(0, 16).replace("T", " ")} UTC`;
}

/** An action of the page: the script posts `body` to `path`. `asks` is asked first. */
interface PageAction {
  readonly label: string;
  readonly path: string;
  readonly body?: object;
  readonly asks?: string;
  readonly key: string;
}

/** A button for an action. */
export function button({ label, path, body, asks, key }: PageAction): Html {
  return html`<button type="button" id="${key}" data-post="${path}" data-body="${JSON.stringify(body ?? {})}" data-asks="${asks ?? ""}">${label}</button>`;
}
