/** The one stylesheet. Colours are named once, for light and dark; a status is told by its word as well as its colour. */
export const style = `:root {
  color-scheme: light dark;
  --ground: #f5f6f4; --card: #ffffff; --line: #e2e5e0; --text: #1c2421; --faint: #5d6a64;
  --good: #17715a; --uneasy: #9a5b00; --bad: #b3261e; --unknown: #5b6472;
  --good-soft: #e3f2ec; --uneasy-soft: #fdf0da; --bad-soft: #fbe6e4; --accent: #17715a; --on-accent: #ffffff;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #101513; --card: #18201d; --line: #2a3430; --text: #e5ebe8; --faint: #98a6a0;
    --good: #5cc9a5; --uneasy: #e5ad56; --bad: #f2857c; --unknown: #a9b3c1;
    --good-soft: #16302a; --uneasy-soft: #33280f; --bad-soft: #3a1d1a; --accent: #5cc9a5; --on-accent: #0d1512;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 0 1rem 3rem; background: var(--ground); color: var(--text); }
a { color: var(--accent); }
h1, h2, p, ul, ol, dl { margin: 0; }
h2 { font-size: .8125rem; font-weight: 600; color: var(--faint); margin: 1.75rem 0 .5rem; }
h2 small, .faint, small { color: var(--faint); font-weight: 400; }
code { font: .875em ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
header { display: flex; align-items: center; gap: .75rem; padding: 1rem 0; flex-wrap: wrap; }
.brand { display: inline-flex; align-items: center; gap: .5rem; font-weight: 650; font-size: 1.125rem; color: var(--text); text-decoration: none; }
.node { color: var(--faint); overflow-wrap: anywhere; }
.link { font-size: .8125rem; color: var(--good); display: inline-flex; align-items: center; gap: .375rem; }
.link::before { content: ""; width: .5rem; height: .5rem; border-radius: 50%; background: currentColor; }
.link.lost { color: var(--bad); }
nav { margin-left: auto; display: flex; align-items: center; gap: 1rem; }
nav a { text-decoration: none; font-weight: 500; }
button { font: inherit; font-size: .875rem; padding: .375rem .75rem; border-radius: .5rem; border: 1px solid var(--line); background: var(--card); color: var(--text); cursor: pointer; }
button:hover { border-color: var(--faint); }
button:disabled { opacity: .5; cursor: progress; }
button.quiet { border: 0; background: none; padding: 0; color: var(--faint); }
button.quiet:hover { color: var(--text); text-decoration: underline; }
button.primary { background: var(--accent); border-color: var(--accent); color: var(--on-accent); font-weight: 600; width: 100%; padding: .625rem; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; }
.headline { display: grid; grid-template-columns: 1fr auto; align-items: center; gap: 0 1rem; padding: 1.25rem; border-radius: .75rem; background: var(--good-soft); border-left: 4px solid var(--good); }
.headline h1 { font-size: 1.5rem; line-height: 1.25; font-weight: 650; }
.headline p { color: var(--faint); grid-row: 2; }
.headline button { grid-row: 1 / span 2; grid-column: 2; }
.headline.warning { background: var(--uneasy-soft); border-color: var(--uneasy); }
.headline.critical { background: var(--bad-soft); border-color: var(--bad); }
.headline.unknown { background: var(--card); border-color: var(--unknown); }
.notice { margin: .75rem 0 0; padding: .75rem 1rem; border-radius: .5rem; background: var(--card); display: flex; gap: 1rem; align-items: center; justify-content: space-between; overflow-wrap: anywhere; }
.notice[hidden] { display: none; }
#said { margin: 0 0 .75rem; }
.notice.good { background: var(--good-soft); }
.notice.uneasy { background: var(--uneasy-soft); }
.notice.bad { background: var(--bad-soft); color: var(--bad); }
.targets, .incidents, .record { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; overflow: hidden; list-style: none; padding: 0; }
.target + .target, .incidents li + li, .record li + li { border-top: 1px solid var(--line); }
summary, .incidents li { display: grid; grid-template-columns: .625rem minmax(9rem, 15rem) 1fr auto 8rem; gap: .25rem .875rem; align-items: center; padding: .75rem 1rem; }
summary { cursor: pointer; list-style: none; }
summary::-webkit-details-marker { display: none; }
summary:hover { background: color-mix(in srgb, var(--line) 35%, transparent); }
summary:focus-visible { outline-offset: -2px; }
.incidents li { grid-template-columns: .625rem 1fr auto; }
.dot { width: .625rem; height: .625rem; border-radius: 50%; background: var(--unknown); }
.ok .dot { background: var(--good); }
.warning .dot { background: var(--uneasy); border-radius: 2px; transform: rotate(45deg); }
.critical .dot { background: var(--bad); border-radius: 2px; }
.unknown .dot { background: none; border: 2px solid var(--unknown); }
.name { font-weight: 600; overflow-wrap: anywhere; }
.name small { display: block; font-size: .8125rem; }
.message { color: var(--faint); overflow-wrap: anywhere; font-size: .9375rem; grid-column: 3; }
.warning .message, .critical .message { color: var(--text); }
.chip { justify-self: end; grid-column: 4; font-size: .75rem; font-weight: 600; padding: .125rem .5rem; border-radius: 1rem; background: var(--uneasy-soft); color: var(--uneasy); white-space: nowrap; }
.chip.probation { background: var(--good-soft); color: var(--good); }
.chip.gave-up { background: var(--bad-soft); color: var(--bad); }
.chip.stopped, .chip.silenced { background: var(--ground); color: var(--faint); }
.since { grid-column: -2; text-align: right; font-size: .875rem; color: var(--faint); white-space: nowrap; font-variant-numeric: tabular-nums; }
.since b { font-weight: 600; }
.ok .since b { color: var(--good); }
.warning .since b { color: var(--uneasy); }
.critical .since b { color: var(--bad); }
.more { padding: .25rem 1rem 1rem 2.5rem; }
.more dl { display: grid; grid-template-columns: repeat(auto-fill, minmax(9rem, 1fr)); gap: .75rem; }
dt { font-size: .8125rem; color: var(--faint); }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.actions { display: flex; flex-wrap: wrap; gap: .5rem; margin-top: 1rem; }
.record li { display: grid; grid-template-columns: 4.5rem 9.5rem 1fr; gap: .25rem .875rem; padding: .5rem 1rem; font-size: .9375rem; }
.record time { color: var(--faint); font-variant-numeric: tabular-nums; }
.record .event { font-weight: 500; }
.record .good .event { color: var(--good); }
.record .uneasy .event { color: var(--uneasy); }
.record .bad .event { color: var(--bad); }
.record .what { overflow-wrap: anywhere; color: var(--faint); }
.record .what b { font-weight: 600; color: var(--text); }
.card.alone { max-width: 25rem; margin: 12vh auto 0; padding: 1.75rem; background: var(--card); border: 1px solid var(--line); border-radius: .75rem; }
.alone h1 { font-size: 1.25rem; margin: 1.25rem 0 .75rem; }
.alone .notice { margin-bottom: .75rem; }
label { display: block; font-size: .875rem; margin-bottom: .25rem; }
input[type=password] { width: 100%; font: inherit; padding: .5rem .75rem; margin-bottom: .75rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--ground); color: var(--text); }
.hint { margin-top: 1rem; font-size: .875rem; color: var(--faint); }
@media (max-width: 44rem) {
  header { gap: .5rem; }
  nav { gap: .75rem; font-size: .9375rem; }
  .link:not(.lost) span { position: absolute; clip-path: inset(50%); }
  .headline { grid-template-columns: 1fr; padding: 1rem; }
  .headline h1 { font-size: 1.25rem; }
  .headline button { grid-row: 3; grid-column: 1; justify-self: start; margin-top: .75rem; }
  summary { grid-template-columns: .625rem 1fr auto; }
  .chip { grid-column: 3; grid-row: 2; align-self: start; }
  summary .message { grid-column: 2; grid-row: 2; }
  summary .since { grid-column: 3; grid-row: 1; }
  .incidents .chip { display: inline; }
  .record li { grid-template-columns: 4.5rem 1fr; }
  .record .what { grid-column: 1 / -1; }
}
`;
