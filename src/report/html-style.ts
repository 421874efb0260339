/** Style of the report; colours follow the reader's light or dark preference. */
export const REPORT_STYLE = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5b6675; --line: #d9dee5; --paper: #ffffff; --panel: #f6f8fa; --accent: #0a66c2; --buy: #0f8a5f; --sell: #c0392b; --target: #c2182b; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6eaf0; --soft: #9aa7b8; --line: #303a47; --paper: #12161c; --panel: #1a2029; --accent: #5aa9ff; --buy: #3ecf8e; --sell: #ff7b6b; --target: #ff6b76; } }
* { box-sizing: border-box; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); }
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 60px; }
h1 { font-size: 24px; margin: 0 0 4px; }
h2 { font-size: 17px; margin: 34px 0 6px; }
p.note, .soft { color: var(--soft); font-size: 13px; margin: 2px 0 10px; max-width: 900px; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(140px, 1fr)); gap: 12px; margin: 18px 0; }
.card { background: var(--panel); border: 1px solid var(--line); border-radius: 8px; padding: 10px 14px; }
.card b { display: block; font-size: 20px; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: 12px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 13.5px; }
th, td { text-align: right; padding: 5px 9px; border-bottom: 1px solid var(--line); white-space: nowrap; }
th:first-child, td:first-child { text-align: left; }
th { color: var(--soft); font-weight: 600; }
td.wrap { white-space: normal; overflow-wrap: anywhere; text-align: left; }
th.what, td.what { text-align: left; }
td.what { white-space: normal; min-width: 340px; color: var(--soft); font-size: 13px; }
.pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); gap: 8px 28px; align-items: start; }
.scroll { overflow-x: auto; }
.chart { margin: 6px 0 4px; }
.u-legend { font-size: 12px; }
.u-legend th, .u-legend td { border: 0; padding: 1px 3px; color: var(--ink); font-weight: 400; }
.u-inline.u-live th::after { content: ''; }
tr.floor td { color: var(--soft); font-style: italic; }
`;
