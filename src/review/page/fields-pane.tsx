import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { JsonValue } from '../../json/value.ts';
import type { LabelRequest } from '../label.ts';
import type { ReviewItem } from '../review-item.ts';
import { leavesOf, type FlatValue } from '../flat-values.ts';
import { nameOf, textOf } from './names.ts';

export interface FieldsProps {
  item: ReviewItem;
  active: string | undefined;
  onActive(path: string): void;
  editing: string | undefined;
  onEdit(path: string | undefined): void;
  /** Undefined where nothing can be labelled. */
  onLabel: ((request: LabelRequest) => Promise<void>) | undefined;
}

const MATCHES = {
  exact: 'found',
  normalized: 'found, other signs',
  value: 'found, written otherwise',
  ambiguous: 'found, ambiguous',
  fuzzy: 'most words found',
  none: 'not in the record',
} as const;

/** What was extracted, value by value. */
export function FieldsPane(props: FieldsProps) {
  const { item, onLabel } = props;
  const leaves = item.status === 'rejected' && !item.canBeLabelled ? [] : leavesOf(item.labelled);
  return (
    <section class="fields" aria-label="Extraction">
      <h2>Extraction</h2>
      {item.error !== undefined && (
        <div class="reject">
          <p>
            <strong>{item.error.code}</strong> {item.error.message}
          </p>
          {item.answer !== undefined && <pre tabIndex={0}>{asText(item.answer)}</pre>}
          {onLabel !== undefined && (
            <p class="note">
              What it should have given can be filled in and accepted: it is gold then. The record stays rejected.
            </p>
          )}
        </div>
      )}
      <ul>
        {leaves.map((leaf) => (
          <Field key={leaf.path} leaf={leaf} {...props} />
        ))}
      </ul>
      {item.repaired !== undefined && <p class="note">The answer was mended: {asText(item.repaired)}</p>}
      {item.status === 'extracted' && item.answer !== undefined && (
        <details>
          <summary>What the model answered</summary>
          <pre tabIndex={0}>{asText(item.answer)}</pre>
        </details>
      )}
      {onLabel !== undefined && item.id !== null && props.editing === '' && (
        <WholeEditor {...props} onLabel={onLabel} />
      )}
    </section>
  );
}

function Field({ leaf, item, active, onActive, editing, onEdit, onLabel }: FieldsProps & { leaf: FlatValue }) {
  const { path, value } = leaf;
  const button = useRef<HTMLButtonElement>(null);
  // The focus follows the value that is pointed at; that it came there by itself points at nothing.
  const isFollowing = useRef(false);
  useEffect(() => {
    if (active !== path || editing !== undefined) return;
    // Whoever types keeps the focus: records come while a search is written.
    if (document.activeElement?.matches('input, select, textarea') === true) return;
    isFollowing.current = true;
    button.current?.focus({ preventScroll: matchMedia('(max-width: 900px)').matches });
    isFollowing.current = false;
  }, [active, editing, path]);
  const evidence = item.evidence.find((one) => one.path === path);
  const label = item.labels.findLast((one) => one.path === path);
  const coerced = Array.isArray(item.coerced)
    ? (item.coerced as { path?: string; rule?: string }[]).find((one) => one.path === path)
    : undefined;
  return (
    <li class={active === path ? 'active' : undefined} onMouseEnter={() => onActive(path)}>
      <span class="name">{nameOf(path)}</span>
      {editing === path && onLabel !== undefined && item.id !== null ? (
        <Editor
          text={textOf(value)}
          name={nameOf(path)}
          onSave={(text) => onLabel({ id: item.id ?? '', path, text })}
          onCancel={() => onEdit(undefined)}
        />
      ) : (
        <button
          ref={button}
          type="button"
          class="value"
          dir="auto"
          aria-current={active === path ? 'true' : undefined}
          onFocus={() => !isFollowing.current && onActive(path)}
          onClick={() => onLabel !== undefined && onEdit(path)}
        >
          {value === null ? <span class="quiet">null</span> : textOf(value) || <span class="quiet">empty</span>}
        </button>
      )}
      {evidence !== undefined && (
        <span class={evidence.match === 'none' ? 'badge bad' : evidence.match === 'exact' ? 'badge' : 'badge mild'}>
          {MATCHES[evidence.match]}
          {evidence.occurrences > 1 && `, ${evidence.occurrences} times`}
        </span>
      )}
      {coerced !== undefined && <span class="badge mild">coerced: {coerced.rule}</span>}
      {label !== undefined && (
        <span class="badge good" title={label.at}>
          corrected by {label.by}
        </span>
      )}
    </li>
  );
}

interface EditorProps {
  text: string;
  name: string;
  onSave(text: string): Promise<void>;
  onCancel(): void;
}

function Editor({ text, name, onSave, onCancel }: EditorProps) {
  const [current, setCurrent] = useState(text);
  const [problem, setProblem] = useState<string>();
  const input = useRef<HTMLTextAreaElement>(null);
  useLayoutEffect(() => {
    input.current?.focus();
    input.current?.select();
  }, []);
  // What stands in the box, which may be newer than what was drawn.
  const save = (): void =>
    void onSave(input.current?.value ?? current).catch((error: unknown) => setProblem(messageOf(error)));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save();
      }}
    >
      <textarea
        ref={input}
        aria-label={`Value of ${name}`}
        aria-invalid={problem !== undefined}
        rows={Math.min(12, current.split('\n').length)}
        dir="auto"
        value={current}
        onInput={(event) => setCurrent(event.currentTarget.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.key === 'Escape') onCancel();
          if (event.key === 'Enter' && !event.shiftKey) {
            event.preventDefault();
            save();
          }
        }}
      />
      <button type="submit">Save</button>
      <button type="button" onClick={onCancel}>
        Cancel
      </button>
      {problem !== undefined && <p role="alert">{problem}</p>}
    </form>
  );
}

/** A result as JSON, for what cannot be mended value by value. */
function WholeEditor({ item, onEdit, onLabel }: FieldsProps & { onLabel: NonNullable<FieldsProps['onLabel']> }) {
  return (
    <Editor
      text={JSON.stringify(item.labelled, null, 2)}
      name="the whole result, as JSON"
      onSave={async (text) => onLabel({ id: item.id ?? '', path: '', value: JSON.parse(text) as JsonValue })}
      onCancel={() => onEdit(undefined)}
    />
  );
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'It could not be saved';
}
