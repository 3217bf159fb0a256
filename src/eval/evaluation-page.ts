import type { JsonObject, JsonValue } from '../json/value.ts';
import { markup, outside, type Markup } from '../report/html/markup.ts';
import { htmlPage } from '../report/html/page.ts';
import type { ComparedLeaf } from './compare-record.ts';
import { unfinishedText } from './evaluation-text.ts';
import type { EvaluationReport, WrongRecord } from './evaluation.ts';
import type { FieldScore } from './score-tally.ts';

export interface EvaluationPage {
  report: EvaluationReport;
  /** What was evaluated, and against what. */
  results: string;
  gold: string;
  /** What a wrong record was extracted from, where that is at hand. */
  sources: ReadonlyMap<string, JsonObject>;
}

/** One page for people, without scripts and without anything outside of itself: the figures, and the worst records side by side. */
export function evaluationPage({ report, results, gold, sources }: EvaluationPage): string {
  return htmlPage({
    title: 'Evaluation',
    main: markup`<header class="${report.exact === 1 && report.unfinished === undefined ? 'good' : 'warn'}">
    <p class="eyebrow">Evaluation of ${outside(results)} against ${outside(gold)}</p>
    <h1 class="verdict">${percent(report.exact)} of ${report.records} records are right as a whole</h1>
    <p>F1 over all values ${figure(report.micro.f1)}, ANLS* ${figure(report.anls)}. ${report.missing} gold records have no result${idsOf(report.missingIds, report.missing)}; ${report.withoutGold} results have no gold${idsOf(report.withoutGoldIds, report.withoutGold)}.</p>${report.unfinished === undefined ? markup`` : markup`<p>${unfinishedText(report.unfinished)}.</p>`}
  </header>
  <section><h2>Fields</h2>
    <p class="note">Precision: of what was answered, how much is right. Recall: of what the gold has, how much was found. F1: the harmonic mean of both. In brackets what they may as well be, with so few records (Wilson, 95 %).</p>
    <div class="wide" tabindex="0"><table><thead><tr><th scope="col">Field</th><th scope="col">Right</th><th scope="col">Wrong</th><th scope="col">Missing</th><th scope="col">Made up</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">F1</th><th scope="col">ANLS*</th></tr></thead>
    <tbody>${Object.entries(report.fields).map(([name, score]) => fieldRow(name, score))}</tbody></table></div>
  </section>
  ${confusions(report)}
  <section><h2>Worst records</h2>
    ${report.worst.length === 0 ? markup`<p>None: every value is right.</p>` : markup``}
    ${report.worst.map((record) => worstRecord(record, sources.get(record.id)))}
  </section>`,
  });
}

/** The first ids in brackets; nothing where there are none. */
function idsOf(ids: readonly string[], count: number): Markup {
  if (ids.length === 0) return markup``;
  return markup` (${ids.map((id, at) => markup`${at === 0 ? '' : ', '}${outside(id, 60)}`)}${count > ids.length ? ', ...' : ''})`;
}

function fieldRow(name: string, score: FieldScore): Markup {
  const { match, mismatch, omission, hallucination, precision, recall, f1, anls, intervals } = score;
  return markup`<tr><th scope="row">${outside(name)}</th><td>${match}</td><td>${mismatch}</td><td>${omission}</td><td>${hallucination}</td><td>${figure(precision)}${range(intervals.precision)}</td><td>${figure(recall)}${range(intervals.recall)}</td><td>${figure(f1)}${range(intervals.f1)}</td><td>${figure(anls)}</td></tr>`;
}

function confusions({ confusions: found }: EvaluationReport): Markup {
  if (found.length === 0) return markup``;
  const rows = found.map(
    ({ field, gold, answer, count }) =>
      markup`<tr><th scope="row">${outside(field)}</th><td>${shown(gold)}</td><td>${shown(answer)}</td><td>${count}</td></tr>`,
  );
  return markup`<section><h2>Taken for another</h2><div class="wide" tabindex="0"><table><thead><tr><th scope="col">Field</th><th scope="col">Gold</th><th scope="col">Answer</th><th scope="col">Times</th></tr></thead><tbody>${rows}</tbody></table></div></section>`;
}

function worstRecord({ id, leaves, wrong }: WrongRecord, source: JsonObject | undefined): Markup {
  const rows = leaves.map(
    (leaf) =>
      markup`<tr><th scope="row">${outside(leaf.path)}</th><td>${STATUS_NAMES[leaf.status]}</td><td>${shown(leaf.gold)}</td><td>${shown(leaf.answer)}</td></tr>`,
  );
  const text = source === undefined ? undefined : Object.values(source).filter((value) => typeof value === 'string');
  return markup`<div class="code"><h3><span>${outside(id)}</span><span class="quiet">${wrong} wrong</span></h3>
    <table><thead><tr><th scope="col">Value</th><th scope="col">What is wrong</th><th scope="col">Gold</th><th scope="col">Answer</th></tr></thead><tbody>${rows}</tbody></table>
    ${text === undefined ? markup`` : markup`<details><summary>Source</summary><pre>${outside(text.join('\n'), 4000)}</pre></details>`}</div>`;
}

const STATUS_NAMES: Readonly<Record<ComparedLeaf['status'], string>> = {
  match: 'right',
  mismatch: 'another value',
  omission: 'missing',
  hallucination: 'made up',
};

function shown(value: JsonValue | undefined): Markup {
  if (value === undefined || value === null) return markup`<span class="quiet">nothing</span>`;
  return outside(typeof value === 'string' ? value : JSON.stringify(value));
}

function figure(value: number | null | undefined): string {
  return value === null || value === undefined ? '' : value.toFixed(3);
}

function percent(value: number | null): string {
  return value === null ? 'None' : `${(value * 100).toFixed(1)} %`;
}

function range(bounds: readonly [number, number] | null): string {
  return bounds === null ? '' : ` (${bounds[0].toFixed(2)} to ${bounds[1].toFixed(2)})`;
}
