/**
 * The script of the status page. The server renders; this only fetches the live part anew when something happened (and
 * every few seconds, for the ages), and posts what a button says. Plain text here: it runs in browsers, not in Node.
 */
export const statusScript = `"use strict";
const live = document.getElementById("live");
const link = document.getElementById("link");
const said = document.getElementById("said");
let shown = "";
let asking = false;
let again = false;

let quiet;
function tell(text, tone) {
  clearTimeout(quiet);
  said.textContent = text;
  said.className = "notice " + tone;
  said.hidden = text === "";
  if (tone === "good") quiet = setTimeout(() => tell("", ""), 6000);
}

function connected(yes) {
  link.firstElementChild.textContent = yes ? "live" : "connection lost, trying again";
  link.classList.toggle("lost", !yes);
}

function show(markup) {
  if (markup === shown) return;
  const open = new Set([...live.querySelectorAll("details[open]")].map((each) => each.id));
  const focused = document.activeElement && live.contains(document.activeElement) ? document.activeElement : null;
  const place = focused && (focused.id || (focused.closest("details") || {}).id);
  live.innerHTML = markup;
  shown = markup;
  for (const each of live.querySelectorAll("details")) each.open = open.has(each.id);
  const back = place && document.getElementById(place);
  if (back) (back.tagName === "DETAILS" ? back.querySelector("summary") : back).focus({ preventScroll: true });
}

async function renew() {
  if (asking) {
    again = true;
    return;
  }
  asking = true;
  try {
    const answer = await fetch("/live", { headers: { Accept: "text/html" }, redirect: "manual" });
    if (answer.type === "opaqueredirect" || answer.status === 401) return location.reload();
    show(await answer.text());
    connected(true);
  } catch {
    connected(false);
  } finally {
    asking = false;
    if (again) {
      again = false;
      renew();
    }
  }
}

async function act(button) {
  if (button.dataset.asks && !confirm(button.dataset.asks)) return;
  const what = button.textContent;
  button.disabled = true;
  tell(what + " …", "plain");
  try {
    const answer = await fetch(button.dataset.post, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: button.dataset.body,
    });
    const body = await answer.json();
    if (!answer.ok) tell(body.error.message, "bad");
    else tell(typeof body.result === "string" ? body.result : what + ": " + (body.job ? "asked for" : "done"), "good");
  } catch {
    tell("healq did not answer", "bad");
  } finally {
    button.disabled = false;
    renew();
  }
}

document.addEventListener("click", (event) => {
  const button = event.target.closest("button[data-post]");
  if (button) act(button);
});

let soon;
const events = new EventSource("/api/events");
for (const name of ["audit", "status"]) {
  events.addEventListener(name, () => {
    clearTimeout(soon);
    soon = setTimeout(renew, 60);
  });
}
events.addEventListener("open", renew);
events.addEventListener("error", () => connected(false));
setInterval(() => document.hidden || renew(), 5000);
document.addEventListener("visibilitychange", () => document.hidden || renew());
`;
