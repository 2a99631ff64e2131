import { type Html, type HtmlPart, html } from "./html.ts";

/** A whole page. `script` adds the one that keeps the status live. */
export function layout(page: { title: string; body: HtmlPart; script?: boolean; head?: HtmlPart }): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${page.title}</title>
<link rel="icon" type="image/svg+xml" href="/assets/icon.svg">
<link rel="stylesheet" href="/assets/style.css">
${page.head}
${page.script === true && html`<script src="/assets/status.js" defer></script>`}
</head>
<body>
${page.body}
</body>
</html>
`.markup;
}

/** The name and mark of healq. */
export function brand(): Html {
  return html`<a class="brand" href="/"><img src="/assets/icon.svg" width="26" height="26" alt=""><span>healq</span></a>`;
}
