import type { ChatMessage } from '../completion/request.ts';
import type { RecordText } from '../evidence/evidence.ts';
import { compileRecordTexts } from '../evidence/record-texts.ts';
import type { FoundRun } from '../export/find-run.ts';
import type { Extraction } from '../extraction/definition.ts';
import { compilePrompt } from '../extraction/prompt.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { RecordFields } from '../records/record.ts';
import { inlineParts } from '../run/record/inline-parts.ts';
import { mediaRootOf } from '../run/record/media-root.ts';

/** A picture or document that a record was asked with. */
export interface ItemMedia {
  /** `data:` URL of a local file; undefined for what lies elsewhere, or cannot be read. */
  url?: string;
  /** What it is, for people. */
  name: string;
}

export interface ItemTexts {
  texts: readonly { field: string | null; text: string }[];
  media: readonly ItemMedia[];
}

/** What a record was asked with: its texts, and the files below the media root that it names. */
export async function collectTexts(
  extraction: Extraction | undefined,
  fields: RecordFields | undefined,
  run: FoundRun,
): Promise<ItemTexts> {
  if (fields === undefined) return { texts: [], media: [] };
  if (extraction === undefined) return { texts: shown(allTexts(fields)), media: [] };
  const rendered = compilePrompt(extraction).render(fields);
  const messages = rendered.ok ? rendered.messages : [];
  const { texts } = compileRecordTexts(extraction)(fields, messages);
  // What stands before the last message are instructions and examples.
  return { texts: shown(texts), media: await collectMedia(messages.slice(-1), run) };
}

function allTexts(fields: RecordFields): RecordText[] {
  return Object.entries(fields).flatMap(([field, value]) =>
    typeof value === 'string' ? [{ field, text: value }] : [],
  );
}

function shown(texts: readonly RecordText[]): ItemTexts['texts'] {
  return texts.map(({ field, text }) => ({ field: field ?? null, text }));
}

async function collectMedia(messages: readonly ChatMessage[], run: FoundRun): Promise<ItemMedia[]> {
  const { mediaRoot, input } = run.manifest.settings;
  const root = mediaRootOf(mediaRoot, input);
  const media: ItemMedia[] = [];
  for (const message of messages) {
    if (message.role !== 'user' || typeof message.content === 'string') continue;
    for (const part of message.content) {
      if (part.type !== 'image_url') continue;
      media.push(await readMedia({ ...message, content: [part] }, root));
    }
  }
  return media;
}

/** Only what is put into a request is shown: nothing is fetched from the network. */
async function readMedia(message: ChatMessage, root: string): Promise<ItemMedia> {
  try {
    const [inlined] = await inlineParts([message], root);
    const [part] = Array.isArray(inlined?.content) ? inlined.content : [];
    const image = part?.type === 'image_url' ? part.image_url : undefined;
    const url = typeof image === 'string' ? image : image?.url;
    const type = /^data:([\w.+/-]+)[;,]/.exec(url ?? '')?.[1];
    if (url === undefined || type === undefined) return { name: 'A file elsewhere, which is not fetched' };
    return { url, name: type };
  } catch (error) {
    if (error instanceof GleanerError) return { name: error.message };
    throw error;
  }
}
