import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { LabelRequest } from '../label.ts';
import type { ReviewItem } from '../review-item.ts';
import { FieldsPane } from './fields-pane.tsx';
import { Help } from './help.tsx';
import { leavesOf } from '../flat-values.ts';
import { ListPane, PAGE_SIZE } from './list-pane.tsx';
import type { ListPage, RunFacts, Source } from './source.ts';
import { TextPane } from './text-pane.tsx';
import { Toolbar } from './toolbar.tsx';

/** While evidence is still looked for, its counts are asked for again. */
const REFRESH_MS = 1000;

interface Shown {
  page: ListPage;
  from: number;
}

export function App({ source }: { source: Source }) {
  const [facts, setFacts] = useState<RunFacts>();
  const [query, setQuery] = useState({ filter: 'all', search: '' });
  const [shown, setShown] = useState<Shown>();
  const [item, setItem] = useState<ReviewItem>();
  const [active, setActive] = useState<string>();
  const [editing, setEditing] = useState<string>();
  const [problem, setProblem] = useState<string>();
  const [isHelpOpen, setHelpOpen] = useState(false);
  // What keys act on: they may come faster than the page is drawn.
  const now = useRef<{ shown: Shown | undefined; item: ReviewItem | undefined }>({ shown: undefined, item: undefined });
  const asked = useRef(0);
  const searchBox = useRef<HTMLInputElement>(null);

  const report = useCallback((error: unknown) => {
    setProblem(error instanceof Error ? error.message : 'Something failed');
  }, []);

  const refreshFacts = useCallback(() => source.run().then(setFacts).catch(report), [source, report]);

  const choose = useCallback(
    async (at: number, place?: string): Promise<void> => {
      const turn = (asked.current += 1);
      const next = await source.item(at);
      // Of several that were asked for, the last one counts.
      if (turn !== asked.current) return;
      now.current.item = next;
      setItem(next);
      setActive(place ?? leavesOf(next.labelled)[0]?.path);
      setEditing(undefined);
      setProblem(undefined);
    },
    [source],
  );

  /** Shows a page of the list, and its first or last record. */
  const open = useCallback(
    async (from: number, which: 'first' | 'last' | 'none' = 'first'): Promise<void> => {
      const page = await source.list({ ...query, from, count: PAGE_SIZE });
      now.current.shown = { page, from };
      setShown({ page, from });
      const next = which === 'last' ? page.items.at(-1) : page.items[0];
      if (which === 'none') return;
      if (next !== undefined) return choose(next.at);
      now.current.item = undefined;
      setItem(undefined);
    },
    [source, query, choose],
  );

  useEffect(() => void refreshFacts(), [refreshFacts]);
  useEffect(() => void open(0).catch(report), [open, report]);
  useEffect(() => {
    if (facts?.examined == null || facts.examined >= facts.count) return undefined;
    const timer = setTimeout(() => void refreshFacts(), REFRESH_MS);
    return () => clearTimeout(timer);
  }, [facts, refreshFacts]);

  const move = useCallback(
    async (step: 1 | -1): Promise<void> => {
      const { shown, item } = now.current;
      if (shown === undefined) return;
      const place = shown.page.items.findIndex(({ at }) => at === item?.at) + step;
      const next = shown.page.items[place];
      if (next !== undefined) await choose(next.at);
      else if (step === 1 && shown.from + PAGE_SIZE < shown.page.total) await open(shown.from + PAGE_SIZE);
      else if (step === -1 && shown.from > 0) await open(Math.max(0, shown.from - PAGE_SIZE), 'last');
    },
    [choose, open],
  );

  const label = async (request: LabelRequest): Promise<void> => {
    await source.label(request);
    const labelled = now.current.item;
    if (labelled !== undefined) await choose(labelled.at, active);
    // The list stays as it is, so that what was just labelled does not vanish under the reader's eyes.
    const marked = markedIn(now.current.shown, labelled?.at, 'accept' in request);
    now.current.shown = marked;
    setShown(marked);
    await refreshFacts();
  };

  const accept = async (): Promise<void> => {
    const { item: accepted } = now.current;
    if (accepted?.id == null || !source.canLabel || !accepted.canBeLabelled) return;
    await label({ id: accepted.id, accept: true });
    await move(1);
  };

  const moveField = (step: 1 | -1): void => {
    const paths = item === undefined ? [] : leavesOf(item.labelled).map(({ path }) => path);
    const place = paths.indexOf(active ?? '') + step;
    setActive(paths[(place + paths.length) % paths.length]);
  };

  const actions: Readonly<Record<string, () => Promise<void> | void>> = {
    j: () => move(1),
    ArrowDown: () => move(1),
    k: () => move(-1),
    ArrowUp: () => move(-1),
    s: () => move(1),
    a: accept,
    f: () => moveField(1),
    d: () => moveField(-1),
    e: () => (source.canLabel && item?.canBeLabelled === true ? setEditing(active) : undefined),
    E: () => (source.canLabel && item?.canBeLabelled === true ? setEditing('') : undefined),
    '/': () => searchBox.current?.focus(),
    '?': () => setHelpOpen(true),
  };

  useLayoutEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      const { target } = event;
      const isTyping = target instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
      if (isTyping || isHelpOpen || event.ctrlKey || event.metaKey || event.altKey) return;
      // Arrows scroll the text that has the focus.
      if (event.key.startsWith('Arrow') && target instanceof HTMLPreElement) return;
      const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
      if (action === undefined) return;
      event.preventDefault();
      Promise.resolve(action()).catch(report);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  });

  if (facts === undefined || shown === undefined) return <main>{problem ?? 'Loading'}</main>;
  return (
    <>
      <Toolbar
        facts={facts}
        {...query}
        searchBox={searchBox}
        isSample={!source.canLabel}
        onFilter={(filter) => setQuery({ ...query, filter })}
        onSearch={(search) => setQuery({ ...query, search })}
        onHelp={() => setHelpOpen(true)}
      />
      {problem !== undefined && <p role="alert">{problem}</p>}
      <main>
        <ListPane
          {...shown}
          current={item?.at}
          onChoose={(at) => void choose(at).catch(report)}
          onPage={(from) => void open(from).catch(report)}
        />
        {item === undefined ? (
          <p class="note">No record to show.</p>
        ) : (
          <>
            <TextPane item={item} active={active} source={source} />
            <div>
              {source.canLabel && (
                <p class="actions">
                  <button
                    type="button"
                    class="main"
                    disabled={!item.canBeLabelled}
                    onClick={() => void accept().catch(report)}
                  >
                    Accept
                  </button>
                  <button type="button" disabled={!item.canBeLabelled} onClick={() => setEditing('')}>
                    Correct all
                  </button>
                  <button type="button" onClick={() => void move(1).catch(report)}>
                    Skip
                  </button>
                  {item.isReviewed && <span class="badge good">reviewed</span>}
                </p>
              )}
              <FieldsPane
                item={item}
                active={active}
                onActive={setActive}
                editing={editing}
                onEdit={setEditing}
                onLabel={source.canLabel && item.canBeLabelled ? label : undefined}
              />
            </div>
          </>
        )}
      </main>
      {isHelpOpen && <Help onClose={() => setHelpOpen(false)} />}
    </>
  );
}

function markedIn(shown: Shown | undefined, at: number | undefined, isReviewed: boolean): Shown | undefined {
  if (shown === undefined) return undefined;
  const items = shown.page.items.map((one) =>
    one.at === at ? { ...one, hasLabels: true, isReviewed: one.isReviewed || isReviewed } : one,
  );
  return { ...shown, page: { ...shown.page, items } };
}
