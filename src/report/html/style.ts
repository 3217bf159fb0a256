import { markup, type Markup } from './markup.ts';

const darkColours = markup`
    --page: #14171a; --card: #1d2125; --line: #353b41; --text: #e6e8ea; --soft-text: #a3abb3;
    --good: #3fb950; --warn: #d29922; --bad: #f0625d; --main: #5b9cf5; --soft: #b08cf0; --rest: #6e7780; --track: #2b3036;
    --good-back: #12261a; --warn-back: #2a210f; --bad-back: #2e1718;`;

/** The whole style sheet: system fonts, light and dark, one column on a phone, black on white in print. */
export const style: Markup = markup`
  :root { color-scheme: light dark;
    --page: #f5f6f8; --card: #ffffff; --line: #dcdfe3; --text: #1b1f23; --soft-text: #59626b;
    --good: #1a7f37; --warn: #945d00; --bad: #c62f35; --main: #2f6fd6; --soft: #8250df; --rest: #8a929a; --track: #e6e9ec;
    --good-back: #eaf6ed; --warn-back: #fdf4e1; --bad-back: #fdecec; }
  @media screen and (prefers-color-scheme: dark) { :root { ${darkColours} } }
  * { box-sizing: border-box; }
  body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif; overflow-wrap: anywhere; }
  main, footer { max-width: 1180px; margin: 0 auto; padding: 16px; }
  h1, h2, h3, h4 { line-height: 1.25; margin: 0; }
  h1 { font-size: 26px; } h2 { font-size: 19px; margin-bottom: 4px; } h3 { font-size: 15px; } h4 { font-size: 14px; font-weight: 600; }
  p { margin: 4px 0; }
  section, header { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 18px 20px; margin-bottom: 16px; }
  header { border-left: 8px solid var(--tone); }
  header.good { --tone: var(--good); --tone-back: var(--good-back); }
  header.warn { --tone: var(--warn); --tone-back: var(--warn-back); }
  header.bad { --tone: var(--bad); --tone-back: var(--bad-back); }
  .eyebrow, .note, .quiet { color: var(--soft-text); font-size: 13px; }
  .verdict { color: var(--tone); margin: 2px 0 8px; }
  .reason { background: var(--tone-back); border-radius: 6px; padding: 8px 12px; margin: 8px 0; }
  .answers { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: 4px 18px; margin: 10px 0; }
  .answers dt { color: var(--soft-text); } .answers dd { margin: 0; }
  .answers ul { margin: 0; padding-left: 18px; }
  .kinds { list-style: none; margin: 8px 0 0; padding: 0; } .kinds > li { border-left: 3px solid var(--line); padding: 2px 0 2px 12px; margin-top: 10px; }
  .message { font-weight: 500; }
  .example { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); gap: 6px 24px; margin-top: 4px; font-size: 14px; }
  .example h4 { color: var(--soft-text); font-size: 13px; font-weight: 500; } .example > div { min-width: 0; }
  .example dl { display: grid; grid-template-columns: minmax(60px, max-content) minmax(0, 1fr); gap: 2px 12px; margin: 2px 0; } .example dd { margin: 0; } .example dt { color: var(--soft-text); max-width: 160px; }
  .ends { display: flex; justify-content: space-between; gap: 8px; font-size: 12px; color: var(--soft-text); font-variant-numeric: tabular-nums; margin: 2px 0 0; }
  .tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: 10px; margin: 14px 0 0; }
  .tiles div { border: 1px solid var(--line); border-radius: 8px; padding: 8px 12px; }
  .tiles .good { border-top: 4px solid var(--good); } .tiles .bad { border-top: 4px solid var(--bad); } .tiles .rest { border-top: 4px solid var(--track); }
  .tiles dt { color: var(--soft-text); font-size: 13px; }
  .tiles dd { margin: 0; }
  .tiles .figure { font-size: 20px; white-space: nowrap; overflow-wrap: normal; font-weight: 650; font-variant-numeric: tabular-nums; line-height: 1.3; }
  .wide { overflow-x: auto; } .wide td, .wide th { text-align: right; white-space: nowrap; } .wide td:first-child, .wide th:first-child { text-align: left; white-space: normal; }
  .scroll { overflow-x: auto; } .scroll table { min-width: 720px; }
  .columns { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 280px), 1fr)); gap: 14px 28px; align-items: start; }
  .columns > * { min-width: 0; }
  .block { margin-top: 16px; }
  .code { border-top: 1px solid var(--line); padding-top: 12px; margin-top: 14px; }
  .code h3 { display: flex; justify-content: space-between; gap: 12px; }
  code { font: 13px/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
  h3 code { font-size: 15px; } h4 code { font-size: 13px; }
  a { color: inherit; text-underline-offset: 2px; }
  table { width: 100%; border-collapse: collapse; font-size: 14px; margin-top: 8px; }
  caption { text-align: left; font-weight: 600; padding-bottom: 2px; }
  th, td { text-align: left; vertical-align: top; padding: 5px 12px 5px 0; border-bottom: 1px solid var(--line); min-width: 44px; }
  thead th { color: var(--soft-text); font-weight: 500; font-size: 13px; overflow-wrap: normal; }
  tbody th { font-weight: 500; min-width: 100px; max-width: 260px; }
  tr > :last-child { padding-right: 0; }
  .number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
  .fill { width: 220px; }
  svg { display: block; width: 100%; overflow: visible; }
  .bar { border-radius: 3px; overflow: hidden; margin: 4px 0; }
  .values { list-style: none; margin: 6px 0 0; padding: 0; font-size: 14px; }
  .values span { display: flex; justify-content: space-between; gap: 12px; }
  .values .bar { margin: 1px 0 6px; }
  .chart { display: flex; gap: 8px; } .chart .scale { flex: 0 0 52px; width: 52px; } .chart svg + svg { flex: 1 1 0; min-width: 0; }
  .chart text { fill: var(--soft-text); font-size: 12px; font-family: inherit; paint-order: stroke; stroke: var(--card); stroke-width: 4px; stroke-linejoin: round; }
  .grid { stroke: var(--line); } .base { stroke: var(--rest); } .break { stroke: var(--rest); stroke-dasharray: 2 4; }
  .hover { fill: transparent; } .track { fill: var(--track); }
  rect.good { fill: var(--good); } rect.warn { fill: var(--warn); } rect.bad { fill: var(--bad); }
  rect.main { fill: var(--main); } rect.soft { fill: var(--soft); } rect.rest { fill: var(--rest); }
  .legend { display: flex; flex-wrap: wrap; gap: 2px 18px; list-style: none; padding: 0; margin: 4px 0 8px; font-size: 13px; color: var(--soft-text); }
  .legend svg { display: inline-block; width: 11px; height: 11px; margin-right: 6px; vertical-align: -1px; }
  @media (max-width: 560px) {
    main, footer { padding: 10px; } section, header { padding: 14px; } h1 { font-size: 22px; }
    .answers { display: block; } .answers dd { margin: 0 0 8px; }
    .tiles { grid-template-columns: 1fr 1fr; } .tiles .figure { font-size: 18px; }
    th, td { padding-right: 8px; } tbody th { min-width: 96px; } .fill { width: 112px; } .number { white-space: normal; }
  }
  @media print { :root { color-scheme: light; }
    body { background: none; font-size: 11pt; } main, footer { max-width: none; padding: 0; }
    section, header { border-radius: 0; } header, .tiles, .code, .chart, tr, .columns > * { break-inside: avoid; } h2, h3 { break-after: avoid; }
    svg, .reason { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  }
`;
