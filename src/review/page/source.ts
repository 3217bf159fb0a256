import type { Label, LabelRequest } from '../label.ts';
import type { ItemSummary, ReviewItem } from '../review-item.ts';
import type { Sample } from '../sample.ts';

export interface Count {
  filter: string;
  name: string;
  count: number;
}

/** What `summary` of the review gives. */
export interface RunFacts {
  extraction: string;
  directory: string;
  count: number;
  by: string;
  reviewed: number;
  rejected: number;
  repaired: number;
  coerced: number;
  lowConfidence: number;
  fresh: number;
  noEvidence: number;
  /** Records whose evidence was looked for so far; null where it is not. */
  examined: number | null;
  codes: Count[];
  fields: Count[];
}

export interface ListPage {
  total: number;
  isCut: boolean;
  items: ItemSummary[];
}

/** Where the page has its records from. */
export interface Source {
  /** False for a sample in a file. */
  canLabel: boolean;
  run(): Promise<RunFacts>;
  list(query: { filter: string; search: string; from: number; count: number }): Promise<ListPage>;
  item(at: number): Promise<ReviewItem>;
  label(request: LabelRequest): Promise<Label>;
  mediaUrl(at: number, position: number): string | undefined;
}

/** The sample in the page itself, or else the server. */
export function openSource(): Source {
  const sample = document.getElementById('sample');
  return sample === null ? serverSource() : sampleSource(JSON.parse(sample.textContent ?? '') as Sample);
}

function serverSource(): Source {
  const token = new URL(location.href).searchParams.get('token') ?? '';
  const ask = async <Answer>(path: string, query: Record<string, string | number>, body?: object): Promise<Answer> => {
    const parameters = new URLSearchParams({ token });
    for (const [name, value] of Object.entries(query)) parameters.set(name, String(value));
    const response = await fetch(
      `api/${path}?${parameters.toString()}`,
      body && { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) },
    );
    const answer = (await response.json()) as Answer & { error?: string };
    if (!response.ok) throw new Error(answer.error ?? `The server answered ${response.status}`);
    return answer;
  };
  return {
    canLabel: true,
    run: () => ask('run', {}),
    list: (query) => ask('list', query),
    item: (at) => ask('item', { at }),
    label: (request) => ask('labels', {}, request),
    mediaUrl: (at, position) =>
      `api/media?${new URLSearchParams({ token, at: String(at), position: String(position) }).toString()}`,
  };
}

function sampleSource({ run, list, items }: Sample): Source {
  return {
    canLabel: false,
    run: () => Promise.resolve(run as unknown as RunFacts),
    list: ({ filter, search, from, count }) => {
      const wanted = search.trim().toLowerCase();
      const found = list.filter((item, at) => {
        if (filter === 'no-evidence' && !item.hasNoEvidence) return false;
        if (filter === 'rejected' && item.code === undefined) return false;
        return wanted === '' || JSON.stringify(items[at]).toLowerCase().includes(wanted);
      });
      return Promise.resolve({ total: found.length, isCut: false, items: found.slice(from, from + count) });
    },
    item: (at) => {
      const item = items.find((one) => one.at === at);
      return item === undefined ? Promise.reject(new Error('The sample has no such record')) : Promise.resolve(item);
    },
    label: () => Promise.reject(new Error('A sample cannot be labelled')),
    mediaUrl: () => undefined,
  };
}
