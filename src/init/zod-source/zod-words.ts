/** The generation of zod that a source is written for: 3 has formats as methods of z.string(), 4 as functions. */
export type ZodGeneration = 3 | 4;

const FORMATS = {
  date: { 3: 'z.string().date()', 4: 'z.iso.date()' },
  time: { 3: 'z.string().time()', 4: 'z.iso.time()' },
  datetime: { 3: 'z.string().datetime({ offset: true })', 4: 'z.iso.datetime({ offset: true })' },
  duration: { 3: 'z.string().duration()', 4: 'z.iso.duration()' },
  email: { 3: 'z.string().email()', 4: 'z.email()' },
  url: { 3: 'z.string().url()', 4: 'z.url()' },
  uuid: { 3: 'z.string().uuid()', 4: 'z.uuid()' },
  integer: { 3: 'z.number().int()', 4: 'z.int()' },
} as const;

export type ZodWord = keyof typeof FORMATS;

export function zodWord(word: ZodWord, zod: ZodGeneration): string {
  return FORMATS[word][zod];
}
