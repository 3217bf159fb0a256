import type { ContentPart } from '../completion/request.ts';
import { GleanerError } from '../gleaner-error.ts';
import { mediaKindOf } from './media-kind.ts';
import type { NativePart } from './native-request.ts';

const DATA_URL = /^data:([^;,]+)((?:;[^;,]+)*);base64,(.*)$/s;

/** @throws {GleanerError} for media whose kind nobody tells */
export function toNativePart(part: ContentPart): NativePart {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'image_url': {
      const { url, detail } =
        typeof part.image_url === 'string' ? { url: part.image_url, detail: undefined } : part.image_url;
      const media = mediaPart(url, undefined);
      return detail === undefined || detail === 'auto'
        ? media
        : { ...media, mediaResolution: { level: `MEDIA_RESOLUTION_${detail.toUpperCase()}` } };
    }
    case 'input_audio': {
      const { format, data } = part.input_audio;
      return mediaPart(data, audioKind(format));
    }
    default:
      return part satisfies never;
  }
}

function mediaPart(source: string, kind: string | undefined): NativePart {
  const [, type, , data] = DATA_URL.exec(source) ?? [];
  if (type !== undefined && data !== undefined) return { inlineData: { mimeType: kind ?? type, data } };
  if (!/^(?:gs|https?):\/\//.test(source)) {
    if (kind !== undefined) return { inlineData: { mimeType: kind, data: source } };
    throw new GleanerError(
      'request-invalid',
      'Cannot send a picture by the native API: it must be a gs:, https: or data: URL',
    );
  }
  const mimeType = kind ?? mediaKindOf(source);
  if (mimeType === undefined) {
    throw new GleanerError(
      'request-invalid',
      'Cannot send a file by the native API: its name does not tell what it is; end it in an extension such as .png, .jpg or .pdf',
    );
  }
  return { fileData: { fileUri: source, mimeType } };
}

/** The chat API takes two short names beside MIME types. */
function audioKind(format: string): string {
  if (format === 'wav') return 'audio/wav';
  return format === 'mp3' ? 'audio/mpeg' : format;
}
