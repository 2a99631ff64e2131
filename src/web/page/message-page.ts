import { html } from "./html.ts";
import { brand, layout } from "./layout.ts";

/** A page that says one thing, such as what went wrong. */
export function messagePage({ title, message }: { title: string; message: string }): string {
  return layout({
    title: `${title} · healq`,
    body: html`<main class="card alone">${brand()}<h1>${title}</h1><p>${message}</p><p><a href="/">To the status page</a></p></main>`,
  });
}
