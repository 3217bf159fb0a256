import { GleanerError } from '../gleaner-error.ts';

/** What windows-1252 has from 0x80 to 0x9f. Not every Node decodes these, so they are decoded here. */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

/** Turns bytes in an encoding into UTF-8, chunk by chunk. */
export interface Transcoder {
  /** Its name in the Encoding Standard. */
  readonly encoding: string;
  write(chunk: Buffer): Buffer;
  /** What is left at the end. */
  end(): Buffer;
}

/**
 * A transcoder for an encoding under any of its names in the Encoding Standard, such as `windows-1252`; undefined for UTF-8, which
 * is read as it is. `isAmid`: the bytes are not from the beginning of an input.
 *
 * @throws {GleanerError} for a name that is none
 */
export function createTranscoder(
  encoding: string,
  name: string,
  { isAmid = false }: { isAmid?: boolean } = {},
): Transcoder | undefined {
  let decoder: InstanceType<typeof TextDecoder>;
  try {
    // Amid an input, a byte order mark is text as any other.
    decoder = new TextDecoder(encoding, { fatal: true, ignoreBOM: isAmid });
  } catch (error) {
    throw new GleanerError(
      'input-unreadable',
      `Cannot read ${name} as ${JSON.stringify(encoding)}: there is no such encoding; known ones are windows-1252, iso-8859-2, utf-16le, shift_jis, gb18030 and others of the Encoding Standard`,
      { cause: error },
    );
  }
  if (decoder.encoding === 'utf-8') return undefined;
  if (decoder.encoding === 'windows-1252')
    return { encoding: decoder.encoding, write: fromWindows1252, end: () => Buffer.alloc(0) };
  const decode = (chunk?: Buffer): Buffer => {
    try {
      return Buffer.from(chunk === undefined ? decoder.decode() : decoder.decode(chunk, { stream: true }));
    } catch (error) {
      throw new GleanerError('input-unreadable', `Cannot read ${name}: it is not valid ${decoder.encoding}`, {
        facts: { advice: 'encoding' },
        cause: error,
      });
    }
  };
  return { encoding: decoder.encoding, write: decode, end: () => decode() };
}

function fromWindows1252(chunk: Buffer): Buffer {
  const text = chunk.toString('latin1');
  return Buffer.from(text.replaceAll(/[\x80-\x9f]/g, (letter) => WINDOWS_1252.charAt(letter.charCodeAt(0) - 0x80)));
}

export async function* transcode(
  chunks: AsyncIterable<Buffer>,
  transcoder: Transcoder,
  onBlock?: (raw: Buffer, text: Buffer) => void,
): AsyncGenerator<Buffer, void, undefined> {
  for await (const chunk of chunks) {
    const text = transcoder.write(chunk);
    onBlock?.(chunk, text);
    if (text.length > 0) yield text;
  }
  const rest = transcoder.end();
  if (rest.length > 0) yield rest;
}
