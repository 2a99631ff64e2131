import { html } from "./html.ts";
import { brand, layout } from "./layout.ts";

/** Goes on to a path of this server by itself. */
export function onwardPage(path: string): string {
  return layout({
    title: "healq",
    head: html`<meta http-equiv="refresh" content="0;url=${path}">`,
    body: html`<main class="card alone">${brand()}<h1>Signed in</h1><p><a href="${path}">Go on</a></p></main>`,
  });
}
