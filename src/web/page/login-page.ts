import { html } from "./html.ts";
import { brand, layout } from "./layout.ts";

/** The form for the token; `next` is the path to go to afterwards. */
export function loginPage({ next, failed }: { next: string; failed: boolean }): string {
  return layout({
    title: "Sign in · healq",
    body: html`<main class="card alone">
${brand()}
<h1>Sign in</h1>
${failed && html`<p class="notice bad" role="alert">That token is not valid here.</p>`}
<form method="post" action="/login">
<input type="hidden" name="next" value="${next}">
<label for="token">Token</label>
<input id="token" name="token" type="password" autocomplete="current-password" required autofocus spellcheck="false">
<button class="primary" type="submit">Sign in</button>
</form>
<p class="hint">healq printed a link with the token when it started for the first time. The token is also in the file
<code>token</code> under <code>stateDir</code> on the node, and may be one of <code>web.tokens</code> in the config.</p>
</main>`,
  });
}
