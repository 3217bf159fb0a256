import { isJsonObject, type JsonValue } from '../json/value.ts';
import { readExtraContent } from './extra-content.ts';

/** A picture or sound in an answer. */
export interface Media {
  /** Such as `image/png`; undefined when the service does not say. */
  mimeType: string | undefined;
  base64: string;
  /** Decodes the base64 anew at each call, so that an answer that nobody looks at costs nothing. */
  bytes(): Uint8Array;
}

const none: readonly Media[] = Object.freeze([]);

/** Reads `message.audio`, where the service puts generated media of every kind, pictures included. */
export function readMedia(audio: JsonValue | undefined): readonly Media[] {
  const base64 = isJsonObject(audio) ? audio['data'] : undefined;
  if (!isJsonObject(audio) || typeof base64 !== 'string' || base64 === '') return none;
  const mimeType = readExtraContent(audio['extra_content'])?.google.mime_type;
  return [
    {
      mimeType: typeof mimeType === 'string' ? mimeType : undefined,
      base64,
      bytes: () => Buffer.from(base64, 'base64'),
    },
  ];
}
