import { markup, outside, type Markup } from '../../report/html/markup.ts';
import { htmlPage } from '../../report/html/page.ts';
import type { CandidateComparison, CandidateFigures } from './compare-candidates.ts';
import { adviceOf } from './comparison-text.ts';
import { costPicture } from './cost-picture.ts';

/** One page for people, without scripts and without anything outside of itself: which model to take, and why. */
export function comparisonPage(comparison: CandidateComparison): string {
  const { records, candidates, pairs } = comparison;
  return htmlPage({
    title: 'Models compared',
    main: markup`<header class="good">
    <p class="eyebrow">${candidates.length} candidates on the same ${records} gold records</p>
    <h1 class="verdict">${outside(adviceOf(comparison), 600)}</h1>
  </header>
  <section><h2>Cost against quality</h2>
    <p class="note">Filled points: no other candidate is as good and cheaper.</p>
    ${costPicture(candidates)}
    <div class="wide" tabindex="0"><table><thead><tr><th scope="col">Candidate</th><th scope="col">F1</th><th scope="col">Precision</th><th scope="col">Recall</th><th scope="col">Exact</th><th scope="col">ANLS*</th><th scope="col">No result</th><th scope="col">$ per 1,000</th><th scope="col">p50</th><th scope="col">p90</th></tr></thead>
    <tbody>${candidates.map(row)}</tbody></table></div>
  </section>
  <section><h2>In pairs</h2>
    <p class="note">Records that only one of two has right as a whole, and how probable so unlike counts are where both are equally good (exact McNemar test). F1 difference with its interval at 95 % (paired bootstrap).</p>
    <div class="wide" tabindex="0"><table><thead><tr><th scope="col">Pair</th><th scope="col">Only first</th><th scope="col">Only second</th><th scope="col">p</th><th scope="col">F1 difference</th></tr></thead>
    <tbody>${pairs.map(
      ({ first, second, onlyFirst, onlySecond, p, f1Difference, f1Interval: [low, high] }) =>
        markup`<tr><th scope="row">${outside(first)} / ${outside(second)}</th><td>${onlyFirst}</td><td>${onlySecond}</td><td>${p.toFixed(4)}</td><td>${f1Difference.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})</td></tr>`,
    )}</tbody></table></div>
  </section>`,
  });
}

function row(one: CandidateFigures, at: number): Markup {
  const { name, f1, f1Interval, precision, recall, exact, anls, missing, usdPer1000, latencyMs } = one;
  const figures = [precision, recall, exact, anls].map((value) => markup`<td>${figure(value)}</td>`);
  const range = f1Interval === null ? '' : ` (${f1Interval[0].toFixed(2)} to ${f1Interval[1].toFixed(2)})`;
  return markup`<tr><th scope="row">${at + 1} ${outside(name)}</th><td>${figure(f1)}${range}</td>${figures}<td>${missing}</td><td>${usdPer1000 === null ? 'not known' : usdPer1000.toFixed(4)}</td><td>${Math.round(latencyMs.p50)} ms</td><td>${Math.round(latencyMs.p90)} ms</td></tr>`;
}

function figure(value: number | null): string {
  return value === null ? '' : value.toFixed(3);
}
