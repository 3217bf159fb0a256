import { createHash } from 'node:crypto';
import type { ChatMessage, ChatRequest, ContentPart } from '../completion/request.ts';
import { GleanerError } from '../gleaner-error.ts';
import { extensionOf } from '../native/media-kind.ts';

/** A file that stands inside a request, under the name that it gets in Cloud Storage. */
export interface LineMedia {
  name: string;
  contentType: string;
  bytes: Buffer;
}

type MediaPart = Exclude<ContentPart, { type: 'text' }>;

/** Whether files stand inside a request, and not only their addresses. */
export function holdsMedia({ messages }: Pick<ChatRequest, 'messages'>): boolean {
  return messages.some(({ content }) => Array.isArray(content) && content.some((part) => isInline(part)));
}

/**
 * Puts the addresses of files in the place of the files. They are named by their contents, so the same request always becomes the same.
 *
 * @param urlOf the address of a file by its name
 * @throws {GleanerError} for a file whose kind has no extension that the service knows
 */
export function moveMedia(
  request: ChatRequest,
  urlOf: (name: string) => string,
): { request: ChatRequest; media: LineMedia[] } {
  if (!holdsMedia(request)) return { request, media: [] };
  const media: LineMedia[] = [];
  const move = (part: ContentPart): ContentPart => {
    if (!isInline(part)) return part;
    const file = fileOf(part);
    media.push(file);
    return withSource(part, urlOf(file.name));
  };
  const messages = request.messages.map((message): ChatMessage =>
    message.role === 'user' && Array.isArray(message.content)
      ? { ...message, content: message.content.map(move) }
      : message,
  );
  return { request: { ...request, messages }, media };
}

function isInline(part: { type: string }): part is MediaPart {
  if (part.type === 'text') return false;
  const media = part as MediaPart;
  const source = sourceOf(media);
  return media.type === 'input_audio' ? !/^(?:gs|https?):/.test(source) : source.startsWith('data:');
}

function sourceOf(part: MediaPart): string {
  if (part.type === 'input_audio') return part.input_audio.data;
  return typeof part.image_url === 'string' ? part.image_url : part.image_url.url;
}

function withSource(part: MediaPart, url: string): MediaPart {
  if (part.type === 'input_audio') return { ...part, input_audio: { ...part.input_audio, data: url } };
  return { ...part, image_url: typeof part.image_url === 'string' ? url : { ...part.image_url, url } };
}

const DATA_URL = /^data:([^;,]+)(?:;[^;,]+)*;base64,/;

function fileOf(part: MediaPart): LineMedia {
  const source = sourceOf(part);
  const [head = '', kind] = DATA_URL.exec(source) ?? [];
  const contentType = kind ?? (part.type === 'input_audio' ? `audio/${part.input_audio.format}` : undefined);
  const extension = contentType === undefined ? undefined : extensionOf(contentType);
  if (contentType === undefined || extension === undefined) {
    throw new GleanerError(
      'media-unusable',
      'Cannot put a file of a request into Cloud Storage: it must be base64 of a kind that the service reads, such as image/png or application/pdf',
    );
  }
  const bytes = Buffer.from(source.slice(head.length), 'base64');
  return { name: `${createHash('sha256').update(bytes).digest('hex')}.${extension}`, contentType, bytes };
}
