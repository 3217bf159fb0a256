/** By the bytes a file begins with; `at` is where they stand. Containers whose content differs are told apart below. */
const SIGNATURES: readonly { type: string; at: number; bytes: string }[] = [
  { type: 'image/png', at: 0, bytes: '\x89PNG\r\n\x1a\n' },
  { type: 'image/jpeg', at: 0, bytes: '\xff\xd8\xff' },
  { type: 'image/gif', at: 0, bytes: 'GIF8' },
  { type: 'image/webp', at: 8, bytes: 'WEBPVP8' },
  { type: 'image/heic', at: 4, bytes: 'ftypheic' },
  { type: 'image/heic', at: 4, bytes: 'ftypheix' },
  { type: 'image/heif', at: 4, bytes: 'ftypmif1' },
  { type: 'image/avif', at: 4, bytes: 'ftypavif' },
  { type: 'application/pdf', at: 0, bytes: '%PDF-' },
  { type: 'audio/wav', at: 8, bytes: 'WAVE' },
  { type: 'audio/flac', at: 0, bytes: 'fLaC' },
  { type: 'audio/ogg', at: 0, bytes: 'OggS' },
  { type: 'audio/mp3', at: 0, bytes: 'ID3' },
  { type: 'audio/mp4', at: 4, bytes: 'ftypM4A ' },
  { type: 'video/quicktime', at: 4, bytes: 'ftypqt  ' },
  { type: 'video/mp4', at: 4, bytes: 'ftyp' },
  { type: 'video/webm', at: 0, bytes: '\x1a\x45\xdf\xa3' },
  { type: 'video/mpeg', at: 0, bytes: '\0\0\x01\xba' },
  { type: 'video/mpeg', at: 0, bytes: '\0\0\x01\xb3' },
  // Sound without a header begins with the twelve set bits of a frame; the layer tells MP3 and AAC apart.
  { type: 'audio/mp3', at: 0, bytes: '\xff\xfb' },
  { type: 'audio/mp3', at: 0, bytes: '\xff\xfa' },
  { type: 'audio/mp3', at: 0, bytes: '\xff\xf3' },
  { type: 'audio/mp3', at: 0, bytes: '\xff\xf2' },
  { type: 'audio/aac', at: 0, bytes: '\xff\xf1' },
  { type: 'audio/aac', at: 0, bytes: '\xff\xf9' },
];

/** The MIME type of a file, by its first bytes; undefined for other kinds of files. What it is called promises nothing. */
export function mediaType(start: Uint8Array): string | undefined {
  const head = Buffer.from(start.subarray(0, 32)).toString('latin1');
  return SIGNATURES.find(({ at, bytes }) => head.startsWith(bytes, at))?.type;
}
