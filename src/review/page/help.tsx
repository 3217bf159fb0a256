import { useLayoutEffect, useRef } from 'preact/hooks';

const KEYS: readonly (readonly [keys: string, what: string])[] = [
  ['j, ↓', 'next record'],
  ['k, ↑', 'record before'],
  ['f, Tab', 'next value; its place in the record is marked'],
  ['d', 'value before'],
  ['e, Enter', 'correct the value'],
  ['Enter, Escape', 'save, or leave it as it was'],
  ['E', 'correct the whole result as JSON'],
  ['a', 'accept the record as it is now, and go on'],
  ['s', 'skip it'],
  ['/', 'search'],
  ['?', 'these keys'],
];

export function Help({ onClose }: { onClose(): void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} aria-label="Keys" onClose={onClose}>
      <h2>Keys</h2>
      <dl>
        {KEYS.map(([keys, what]) => (
          <div key={keys}>
            <dt>{keys}</dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
