import type { JsonObject } from '../json/value.ts';
import type { ItemSummary, ReviewItem } from './review-item.ts';
import type { ReviewRun } from './review-run.ts';

/** What a page without a server shows. */
export interface Sample {
  run: JsonObject;
  list: ItemSummary[];
  items: ReviewItem[];
}

/** Records that are taken for what is doubtful about them; the others are taken evenly, so that rates stay fair. */
const DOUBTFUL_SHARE = 0.9;

/**
 * Takes some records of a run, in input order: first those with a value that stands nowhere, with a mended or coerced answer, low confidence
 * or a reject; and a tenth evenly over all.
 */
export async function takeSample(review: ReviewRun, count: number): Promise<Sample> {
  while (review.examine(1000));
  const places = new Set<number>();
  const wanted = Math.min(count, review.count);
  const doubtful = Math.floor(wanted * DOUBTFUL_SHARE);
  for (const filter of ['no-evidence', 'low-confidence', 'coerced', 'repaired', 'rejected']) {
    const { items } = review.list({ filter, search: '', from: 0, count: wanted });
    for (const { at } of items) if (places.size < doubtful) places.add(at);
  }
  const step = review.count / Math.max(1, wanted - places.size);
  for (let at = 0; places.size < wanted && at < review.count; at += step) places.add(Math.floor(at));
  for (let at = 0; places.size < wanted && at < review.count; at += 1) places.add(at);
  const inOrder = [...places].sort((left, right) => left - right);
  const items: ReviewItem[] = [];
  for (const at of inOrder) items.push(await review.item(at));
  const list = inOrder.map((at) => review.list({ filter: 'all', search: '', from: at, count: 1 }).items[0]);
  return { run: review.summary(), list: list.filter((item) => item !== undefined), items };
}
