import type { JsonObject } from '../json/value.ts';
import { leavesOf } from './flat-values.ts';
import type { ReviewItem } from './review-item.ts';
import type { Sample } from './sample.ts';

/**
 * The records of a sample as tasks of Label Studio: the text that has most evidence, with spans labelled by field, and one text area for each
 * value. Least sure records come first when sorted by score: the share of values with evidence.
 */
export function labelStudioTasks({ items }: Sample): JsonObject[] {
  return items.flatMap((item) => (item.id === null || item.status === 'rejected' ? [] : [taskOf(item)]));
}

function taskOf(item: ReviewItem): JsonObject {
  const { field, text } = mainText(item);
  const spans = item.evidence.filter(({ start, field: where }) => start !== null && (where ?? null) === field);
  const result = [
    ...spans.map(({ path, start, end }) => ({
      from_name: 'spans',
      to_name: 'text',
      type: 'labels',
      value: { start, end, text: text.slice(start ?? 0, end ?? 0), labels: [controlOf(path)] },
    })),
    ...leavesOf(item.labelled).map(({ path, value }) => ({
      from_name: controlOf(path),
      to_name: 'text',
      type: 'textarea',
      value: { text: [value === null ? '' : String(value)] },
    })),
  ];
  const found = item.evidence.filter(({ match }) => match !== 'none').length;
  const score = item.evidence.length === 0 ? 1 : found / item.evidence.length;
  return {
    data: { id: item.id, text, field },
    predictions: [{ model_version: 'gleaner', score, result: result as unknown as JsonObject[] }],
  };
}

function mainText(item: ReviewItem): { field: string | null; text: string } {
  const count = (field: string | null): number => item.evidence.filter((one) => (one.field ?? null) === field).length;
  const [first] = item.texts.toSorted((left, right) => count(right.field) - count(left.field));
  return first ?? { field: null, text: '' };
}

/** The name of the control in Label Studio's configuration: `items.0.price` for `/items/0/price`. */
function controlOf(path: string): string {
  return path.slice(1).replaceAll('/', '.');
}
