import { fileURLToPath } from 'node:url';
import type { ChatMessage, ContentPart } from '../../completion/request.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { inlineMedia, mediaUrl } from '../../media/inline-media.ts';

/**
 * The messages with local files put inside: pictures that are named by a path, and audio that is named by a `file:` URL,
 * since a path could not be told from base64 there. They lie below `root`: what names them came with the records.
 *
 * @throws {GleanerError} for a file that cannot be sent
 */
export async function inlineParts(messages: readonly ChatMessage[], root: string): Promise<ChatMessage[]> {
  return Promise.all(
    messages.map(async (message) => {
      if (message.role !== 'user' || typeof message.content === 'string') return message;
      return { ...message, content: await Promise.all(message.content.map((part) => inlinePart(part, root))) };
    }),
  );
}

async function inlinePart(part: ContentPart, root: string): Promise<ContentPart> {
  if (part.type === 'image_url') {
    const { image_url: image } = part;
    if (typeof image === 'string') return { ...part, image_url: await mediaUrl(image, { root }) };
    return { ...part, image_url: { ...image, url: await mediaUrl(image.url, { root }) } };
  }
  if (part.type !== 'input_audio' || !part.input_audio.data.startsWith('file:')) return part;
  const data = await inlineMedia(pathOf(part.input_audio.data), { root });
  return { ...part, input_audio: { ...part.input_audio, data } };
}

function pathOf(url: string): string {
  try {
    return fileURLToPath(url);
  } catch (error) {
    throw new GleanerError('media-unusable', 'Cannot send the file that the record names: its URL is no path here', {
      cause: error,
    });
  }
}
