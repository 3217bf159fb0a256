import { useEffect, useRef } from 'preact/hooks';
import type { ListPage } from './source.ts';

export const PAGE_SIZE = 50;

export interface ListProps {
  page: ListPage;
  from: number;
  current: number | undefined;
  onChoose(at: number): void;
  onPage(from: number): void;
}

/** One page of the records that a filter leaves. */
export function ListPane({ page, from, current, onChoose, onPage }: ListProps) {
  const chosen = useRef<HTMLButtonElement>(null);
  useEffect(() => chosen.current?.scrollIntoView({ block: 'nearest' }), [current]);
  const last = Math.min(page.total, from + page.items.length);
  return (
    <nav aria-label="Records">
      <ol start={from + 1}>
        {page.items.map((item) => (
          <li key={item.at}>
            <button
              type="button"
              ref={item.at === current ? chosen : undefined}
              aria-current={item.at === current ? 'true' : undefined}
              onClick={() => onChoose(item.at)}
            >
              <span class="id" dir="auto">
                {item.id ?? `row ${item.index + 1}`}
              </span>
              {item.code !== undefined && <span class="badge bad">{item.code}</span>}
              {item.hasNoEvidence && <span class="badge mild">a value not found</span>}
              {item.hasLabels && !item.isReviewed && <span class="badge good">corrected</span>}
              {item.isReviewed && <span class="badge good">reviewed</span>}
            </button>
          </li>
        ))}
      </ol>
      <p class="pages">
        <button type="button" disabled={from === 0} onClick={() => onPage(Math.max(0, from - PAGE_SIZE))}>
          Earlier
        </button>
        <span>
          {page.total === 0
            ? 'None'
            : `${from + 1} to ${last} of ${page.total.toLocaleString('en-US')}${page.isCut ? ' found first' : ''}`}
        </span>
        <button type="button" disabled={last >= page.total} onClick={() => onPage(from + PAGE_SIZE)}>
          Later
        </button>
      </p>
    </nav>
  );
}
