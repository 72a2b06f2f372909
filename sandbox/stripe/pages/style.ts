/**
 * One style for the buyer's pages and the inspector. Paper and ink in light and dark, the system's
 * own letters, one accent for what can be done. Contrast of every text pair is at least 4.5:1.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --paper: oklch(0.985 0.004 90);
  --raised: oklch(1 0 0);
  --sunken: oklch(0.958 0.006 90);
  --ink: oklch(0.24 0.012 270);
  --soft: oklch(0.47 0.014 270);
  --line: oklch(0.885 0.008 90);
  --field: oklch(0.6 0.012 270);
  --accent: oklch(0.47 0.13 255);
  --accent-ink: oklch(0.99 0 0);
  --accent-wash: oklch(0.955 0.02 255);
  --good: oklch(0.45 0.11 155);
  --good-wash: oklch(0.955 0.03 155);
  --warn: oklch(0.45 0.1 70);
  --warn-wash: oklch(0.955 0.04 85);
  --bad: oklch(0.48 0.17 27);
  --bad-wash: oklch(0.962 0.02 27);
  --stripe-a: oklch(0.87 0.13 92);
  --stripe-b: oklch(0.845 0.13 92);
  --stripe-ink: oklch(0.27 0.05 80);
  --radius: 6px;
  --sans: ui-sans-serif, system-ui, -apple-system, 'Segoe UI', Roboto, 'Helvetica Neue', 'Noto Sans', 'Liberation Sans', Arial, sans-serif;
  --mono: ui-monospace, SFMono-Regular, Menlo, Consolas, 'Liberation Mono', monospace;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: oklch(0.195 0.008 270);
    --raised: oklch(0.235 0.01 270);
    --sunken: oklch(0.165 0.008 270);
    --ink: oklch(0.93 0.006 90);
    --soft: oklch(0.73 0.01 270);
    --line: oklch(0.32 0.01 270);
    --field: oklch(0.55 0.012 270);
    --accent: oklch(0.78 0.1 255);
    --accent-ink: oklch(0.18 0.03 255);
    --accent-wash: oklch(0.28 0.04 255);
    --good: oklch(0.8 0.11 155);
    --good-wash: oklch(0.27 0.035 155);
    --warn: oklch(0.83 0.1 85);
    --warn-wash: oklch(0.28 0.035 85);
    --bad: oklch(0.78 0.12 27);
    --bad-wash: oklch(0.28 0.045 27);
    --stripe-a: oklch(0.36 0.06 92);
    --stripe-b: oklch(0.335 0.06 92);
    --stripe-ink: oklch(0.95 0.05 92);
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 400 16px/1.5 var(--sans); font-variant-numeric: tabular-nums; }
h1, h2, h3, p, ul, dl, dd, figure, fieldset { margin: 0; padding: 0; border: 0; }
ul { list-style: none; }
a { color: var(--accent); text-underline-offset: 0.2em; text-decoration-thickness: 1px; }
a:hover { text-decoration-thickness: 2px; }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 3px; }
.banner { padding: 6px 16px; text-align: center; font-size: 13px; line-height: 20px; color: var(--stripe-ink); background: repeating-linear-gradient(-45deg, var(--stripe-a) 0 14px, var(--stripe-b) 14px 28px); }
.banner strong { letter-spacing: 0.06em; }
.soft { color: var(--soft); }
.small { font-size: 14px; }
.num { text-align: right; white-space: nowrap; }

.checkout { max-width: 1040px; margin: 0 auto; padding: 24px 20px 64px; }
.checkout .shop { display: flex; align-items: baseline; gap: 12px; font-size: 15px; }
.checkout .shop strong { font-weight: 600; }
.due { margin-top: 24px; }
.due h1 { font-size: 15px; font-weight: 400; color: var(--soft); }
.due .amount { margin-top: 2px; font-size: 36px; line-height: 1.2; font-weight: 600; letter-spacing: -0.02em; }
.lines { margin-top: 24px; border-top: 1px solid var(--line); font-size: 15px; }
.lines li { display: grid; grid-template-columns: 1fr auto; gap: 0 16px; padding: 12px 0; border-bottom: 1px solid var(--line); }
.lines .what { overflow-wrap: anywhere; }
.lines .each { grid-column: 1; font-size: 13px; color: var(--soft); }
.lines .total { border-bottom: 0; font-weight: 600; }
.lines .good { color: var(--good); }
.pay { margin-top: 32px; }
@media (min-width: 860px) {
  .checkout { display: grid; grid-template-columns: minmax(0, 5fr) minmax(0, 6fr); grid-template-rows: auto auto 1fr; gap: 0 72px; padding-top: 56px; }
  .checkout .shop { grid-column: 1; grid-row: 1; }
  .checkout .summary { grid-column: 1; grid-row: 2; }
  .checkout .pay { grid-column: 2; grid-row: 1 / span 3; margin-top: 0; }
  .checkout .foot { grid-column: 1; grid-row: 3; }
}
.foot { margin-top: 32px; font-size: 13px; color: var(--soft); }

form { margin: 0; }
.pay h2 { margin: 28px 0 12px; font-size: 17px; font-weight: 600; }
.pay h2:first-of-type { margin-top: 0; }
label, .label { display: block; margin-bottom: 4px; font-size: 14px; font-weight: 500; }
.input { width: 100%; min-height: 44px; padding: 9px 12px; border: 1px solid var(--field); border-radius: var(--radius); background: var(--raised); color: var(--ink); font: inherit; }
.input::placeholder { color: var(--soft); opacity: 1; }
.input[aria-invalid='true'] { border-color: var(--bad); box-shadow: 0 0 0 1px var(--bad); }
select.input { appearance: none; padding-right: 36px; text-overflow: ellipsis; background-image: linear-gradient(45deg, transparent 50%, var(--soft) 50%), linear-gradient(135deg, var(--soft) 50%, transparent 50%); background-position: calc(100% - 19px) calc(50% + 1px), calc(100% - 14px) calc(50% + 1px); background-size: 5px 5px; background-repeat: no-repeat; }
textarea.input { font: 13px/1.5 var(--mono); min-height: 220px; }
.field { margin-bottom: 16px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 12px; }
.locked { padding: 9px 12px; border: 1px solid var(--line); border-radius: var(--radius); background: var(--sunken); overflow-wrap: anywhere; }
.method { border: 1px solid var(--field); border-radius: var(--radius); background: var(--raised); overflow: hidden; }
.method > .choice + .card-fields, .method > .choice + .bank-fields { border-top: 1px solid var(--line); }
.choice { display: flex; align-items: center; gap: 10px; min-height: 48px; padding: 0 14px; cursor: pointer; font-size: 15px; font-weight: 500; margin: 0; }
.choice input { width: 18px; height: 18px; margin: 0; accent-color: var(--accent); }
.choice small { margin-left: auto; font-size: 13px; font-weight: 400; color: var(--soft); }
.card-fields, .bank-fields { padding: 16px 14px 0; }
.bank-choice { border-top: 1px solid var(--line); }
form:has(input[value='bank_debit']:checked) .card-fields { display: none; }
form:has(input[value='card']:checked) .bank-fields { display: none; }
.button { display: inline-flex; align-items: center; justify-content: center; min-height: 44px; padding: 8px 18px; border: 1px solid transparent; border-radius: var(--radius); background: var(--accent); color: var(--accent-ink); font: 600 16px/1.3 var(--sans); text-decoration: none; cursor: pointer; }
.button:hover { filter: brightness(1.06); }
.button:active { filter: brightness(0.94); }
.button.wide { width: 100%; min-height: 50px; margin-top: 24px; }
.button.quiet { background: transparent; border-color: var(--field); color: var(--ink); font-weight: 500; }
.button.small { min-height: 32px; padding: 3px 12px; font-size: 14px; }
.problem { margin-bottom: 20px; padding: 12px 14px; border-radius: var(--radius); background: var(--bad-wash); color: var(--bad); font-weight: 500; font-size: 15px; }
.note { margin-top: 12px; font-size: 13px; color: var(--soft); }
details { margin-top: 20px; border-top: 1px solid var(--line); padding-top: 14px; font-size: 14px; }
summary { cursor: pointer; font-weight: 500; }
.cards { margin-top: 10px; width: 100%; border-collapse: collapse; font-size: 13px; }
.cards td { padding: 6px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; }
.cards td:first-child { padding-right: 12px; white-space: nowrap; font-family: var(--mono); }
.cards td:last-child { text-align: right; }

.single { max-width: 440px; margin: 0 auto; padding: 56px 20px 64px; }
.single h1 { font-size: 24px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; }
.single p + p, .single h1 + p { margin-top: 12px; }
.single .facts { margin: 24px 0; border-top: 1px solid var(--line); font-size: 15px; }
.facts div { display: flex; justify-content: space-between; gap: 16px; padding: 10px 0; border-bottom: 1px solid var(--line); }
.facts dt { color: var(--soft); }
.facts dd { text-align: right; overflow-wrap: anywhere; }
.row { display: flex; flex-wrap: wrap; gap: 12px; margin-top: 24px; }
.single p.row { margin-top: 24px; }
.row .button { flex: 1 1 auto; }
.promotion { display: grid; grid-template-columns: 1fr auto; gap: 0 12px; align-items: end; margin-top: 20px; }
.promotion .field { margin: 0; }
.promotion .problem { grid-column: 1 / -1; }
.portal { max-width: 560px; }
.portal h1 { margin: 20px 0; }
.portal h2 { margin: 36px 0 6px; font-size: 17px; font-weight: 600; }
.portal p + p { margin-top: 2px; }
.portal .row, .portal p.row { margin-top: 14px; }
.portal .row .button { flex: 0 0 auto; }
.portal form { margin-top: 20px; }
.portal .row form { margin: 0; }
.portal .lines { margin-top: 10px; }
.trail { display: flex; flex-wrap: wrap; gap: 4px 16px; font-size: 15px; }
@media (prefers-reduced-motion: no-preference) { .button { transition: filter 120ms; } }

.inspector { max-width: 1180px; margin: 0 auto; padding: 0 20px 72px; font-size: 15px; }
.top { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 4px 24px; padding-top: 14px; }
.top ul, .kinds ul { display: flex; flex-wrap: wrap; gap: 2px 4px; margin-left: -10px; }
.top a, .kinds a { display: block; padding: 7px 10px; border-radius: var(--radius); color: var(--soft); text-decoration: none; }
.top a:hover, .kinds a:hover { color: var(--ink); background: var(--sunken); }
.top a[aria-current], .kinds a[aria-current] { color: var(--ink); font-weight: 600; }
.who { font: 13px/1.5 var(--mono); color: var(--soft); }
.clock { display: flex; flex-wrap: wrap; align-items: center; gap: 8px 20px; margin-top: 10px; padding: 10px 0; border-top: 1px solid var(--line); border-bottom: 1px solid var(--line); font-size: 14px; }
.clock p { margin-right: auto; }
.clock p span { margin-left: 8px; }
.clock form { display: flex; align-items: center; gap: 8px; }
.clock label { margin: 0; }
.clock .input { width: 76px; min-height: 32px; padding: 3px 8px; }
.heading { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 12px; margin: 28px 0 16px; }
.heading h1 { font-size: 22px; line-height: 1.25; font-weight: 600; letter-spacing: -0.01em; overflow-wrap: anywhere; }
.inspector h2 { margin: 32px 0 10px; font-size: 16px; font-weight: 600; }
.columns > section > h2:first-child { margin-top: 0; }
.columns { display: grid; grid-template-columns: minmax(0, 1fr); gap: 32px 56px; }
@media (min-width: 900px) { .columns { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr); } }
.kinds { margin: -6px 0 14px; font-size: 14px; }
.crumb { margin: -12px 0 14px; font-size: 14px; }
.lead { max-width: 62ch; margin-bottom: 20px; }
.scroll { position: relative; overflow-x: auto; }
.inspector table { width: 100%; border-collapse: collapse; font-size: 14px; }
.inspector th { padding: 6px 16px 6px 0; text-align: left; font-weight: 500; font-size: 13px; color: var(--soft); border-bottom: 1px solid var(--line); white-space: nowrap; }
.inspector td { padding: 7px 16px 7px 0; border-bottom: 1px solid var(--line); vertical-align: baseline; white-space: nowrap; }
.inspector td.wrap { white-space: normal; overflow-wrap: anywhere; min-width: 150px; }
.inspector th:last-child, .inspector td:last-child { padding-right: 0; }
.inspector th.num { text-align: right; }
.inspector td .small { margin-left: 6px; font-size: 13px; }
code { font: 13px/1.5 var(--mono); }
.status { font-size: 13px; font-weight: 500; }
.status.good { color: var(--good); }
.status.warn { color: var(--warn); }
.status.bad { color: var(--bad); }
.attempt { margin-right: 10px; font-size: 13px; color: var(--soft); }
.json { margin: 0; padding: 14px 16px; overflow: auto; max-height: 70vh; border: 1px solid var(--line); border-radius: var(--radius); background: var(--raised); font: 13px/1.55 var(--mono); }
.plain li { padding: 5px 0; border-bottom: 1px solid var(--line); }
.plain span { margin-left: 8px; }
.facts.narrow { max-width: 440px; font-size: 14px; }
.inspector .facts { max-width: 620px; border-top: 1px solid var(--line); font-size: 14px; }
legend { padding: 0; margin-bottom: 10px; font-weight: 600; font-size: 16px; }
.desk { display: grid; grid-template-columns: minmax(0, 1fr); gap: 0 48px; padding-bottom: 8px; }
@media (min-width: 900px) { .desk { grid-template-columns: repeat(3, minmax(0, 1fr)); } }
@media (min-width: 900px) { .desk h2 { margin-top: 12px; } }
.desk .input { min-height: 38px; padding: 6px 10px; font-size: 15px; }
.desk .field { margin-bottom: 12px; }
.desk .button.small { margin-top: 4px; }
.deeds { margin-bottom: 14px; border-top: 1px solid var(--line); }
.deeds li { padding: 9px 0; border-bottom: 1px solid var(--line); }
.deed-row { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 6px; }
.tick { display: flex; align-items: baseline; gap: 8px; margin-bottom: 10px; font-weight: 400; }
.tick input { flex: none; width: 16px; height: 16px; margin: 0; translate: 0 2px; accent-color: var(--accent); }
.chance { display: grid; grid-template-columns: 1fr 96px; align-items: center; gap: 12px; margin-bottom: 8px; }
.chance label { margin: 0; font-weight: 400; }
.chance .input { min-height: 34px; padding: 4px 10px; text-align: right; }
.row.start .button { flex: 0 0 auto; }
@media (max-width: 599px) {
  .wide-only { display: none; }
  .inspector td:first-child { min-width: 120px; white-space: normal; overflow-wrap: anywhere; }
  .inspector th, .inspector td { padding-right: 12px; }
}
.hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
`
