import type { RefObject } from 'preact';
import type { Count, RunFacts } from './source.ts';

export interface ToolbarProps {
  facts: RunFacts;
  filter: string;
  onFilter(filter: string): void;
  search: string;
  onSearch(search: string): void;
  searchBox: RefObject<HTMLInputElement | null>;
  onHelp(): void;
  isSample: boolean;
}

/** What is looked at, and how far it is. */
export function Toolbar({ facts, filter, onFilter, search, onSearch, searchBox, onHelp, isSample }: ToolbarProps) {
  const isLooking = facts.examined !== null && facts.examined < facts.count;
  return (
    <header>
      <h1>
        Review of {facts.extraction || 'a run'} <span class="quiet">{facts.directory}</span>
      </h1>
      <p aria-live="polite">
        {isSample ? 'A sample' : `${number(facts.reviewed)} of ${number(facts.count)} reviewed`}
        {isLooking && `, evidence looked for in ${number(facts.examined ?? 0)}`}
      </p>
      <label>
        Show{' '}
        <select value={filter} onChange={(event) => onFilter(event.currentTarget.value)}>
          <option value="all">all {number(facts.count)}</option>
          {!isSample && <option value="unreviewed">not reviewed ({number(facts.count - facts.reviewed)})</option>}
          {!isSample && <option value="reviewed">reviewed ({number(facts.reviewed)})</option>}
          <option value="no-evidence">with a value that is not in the record ({number(facts.noEvidence)})</option>
          <option value="rejected">rejected ({number(facts.rejected)})</option>
          {!isSample && <option value="repaired">mended answer ({number(facts.repaired)})</option>}
          {!isSample && <option value="coerced">coerced ({number(facts.coerced)})</option>}
          {!isSample && <option value="low-confidence">low confidence ({number(facts.lowConfidence)})</option>}
          {!isSample && <option value="fresh">asked for in this run ({number(facts.fresh)})</option>}
          {!isSample && <Group label="Field not in the record" counts={facts.fields} />}
          {!isSample && <Group label="Reject code" counts={facts.codes} />}
        </select>
      </label>
      <label>
        Search{' '}
        <input
          ref={searchBox}
          type="search"
          value={search}
          onInput={(event) => onSearch(event.currentTarget.value)}
          onKeyDown={(event) => {
            event.stopPropagation();
            if (event.key === 'Escape' || event.key === 'Enter') event.currentTarget.blur();
          }}
        />
      </label>
      <button type="button" onClick={onHelp}>
        Keys
      </button>
    </header>
  );
}

function Group({ label, counts }: { label: string; counts: readonly Count[] }) {
  if (counts.length === 0) return null;
  return (
    <optgroup label={label}>
      {counts.map(({ filter, name, count }) => (
        <option key={filter} value={filter}>
          {name} ({number(count)})
        </option>
      ))}
    </optgroup>
  );
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
