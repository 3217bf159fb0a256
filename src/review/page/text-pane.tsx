import { useEffect, useRef } from 'preact/hooks';
import type { Evidence } from '../../evidence/evidence.ts';
import type { ReviewItem } from '../review-item.ts';
import type { Source } from './source.ts';

/** The record as it was asked with, and where in it the values stand. */
export function TextPane({ item, active, source }: { item: ReviewItem; active: string | undefined; source: Source }) {
  const shown = new Set(item.texts.map(({ field }) => field));
  const others =
    typeof item.record === 'object' && item.record !== null
      ? Object.entries(item.record).filter(([field]) => !shown.has(field))
      : [];
  return (
    <section class="record" aria-label="Record">
      <h2>Record</h2>
      {item.record === null && <p class="note">The input is not at hand, so that the record cannot be shown.</p>}
      {typeof item.record === 'string' && <pre tabIndex={0}>{item.record}</pre>}
      {item.media.map(({ url, name }, position) => (
        <Media key={position} url={url} name={name} link={source.mediaUrl(item.at, position)} />
      ))}
      {item.texts.map(({ field, text }) => (
        <div key={field ?? ''}>
          {field !== null && <h3>{field}</h3>}
          <Marked text={text} evidence={item.evidence.filter((one) => (one.field ?? null) === field)} active={active} />
        </div>
      ))}
      {others.length > 0 && (
        <details>
          <summary>Further fields</summary>
          <dl>
            {others.map(([field, value]) => (
              <div key={field}>
                <dt>{field}</dt>
                <dd dir="auto">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
    </section>
  );
}

function Media({ url, name, link }: { url: string | undefined; name: string; link: string | undefined }) {
  if (url?.startsWith('data:image/') === true) return <img src={url} alt="A picture of the record" />;
  if (url === undefined || link === undefined) return <p class="note">{name}</p>;
  return (
    <>
      {url.startsWith('data:application/pdf') && (
        <iframe class="document" src={link} title="The document of the record" referrerpolicy="no-referrer" />
      )}
      <p>
        <a href={link} target="_blank" rel="noreferrer">
          Open the document of the record ({name})
        </a>
      </p>
    </>
  );
}

function Marked({
  text,
  evidence,
  active,
}: {
  text: string;
  evidence: readonly Evidence[];
  active: string | undefined;
}) {
  const mark = useRef<HTMLElement>(null);
  useEffect(() => mark.current?.scrollIntoView({ block: 'nearest' }), [active, text]);
  return (
    <pre tabIndex={0} dir="auto" aria-label="Text of the record">
      {piecesOf(text, evidence, active).map(({ piece, kind }, at) =>
        kind === undefined ? (
          piece
        ) : (
          <mark key={at} class={kind} ref={kind === 'active' ? mark : undefined}>
            {piece}
          </mark>
        ),
      )}
    </pre>
  );
}

/** Cuts the text where evidence begins and ends; the value that is pointed at goes over the others. */
function piecesOf(
  text: string,
  evidence: readonly Evidence[],
  active: string | undefined,
): { piece: string; kind: 'active' | 'found' | undefined }[] {
  const places = evidence.flatMap(({ path, start, end }) =>
    start === null || end === null ? [] : [{ path, start, end }],
  );
  const cuts = [...new Set([0, text.length, ...places.flatMap(({ start, end }) => [start, end])])].sort(
    (a, b) => a - b,
  );
  return cuts.slice(1).map((end, at) => {
    const start = cuts[at] ?? 0;
    const around = places.filter((place) => place.start <= start && place.end >= end);
    const isActive = around.some(({ path }) => path === active);
    return { piece: text.slice(start, end), kind: isActive ? 'active' : around.length > 0 ? 'found' : undefined };
  });
}
