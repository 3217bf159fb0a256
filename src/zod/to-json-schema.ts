import type { JsonObject } from '../json/value.ts';
import type { ZodFlavour } from './flavour.ts';
import { loadZod3Converter } from './from-zod3.ts';
import { loadZod4Converter } from './from-zod4.ts';

/** What is read, or what reading yields. */
export type ZodSide = 'input' | 'output';

/** `earlier` is what gleaner 0.1 made of a schema, by which its answers are known again. */
export type ZodForm = 'current' | 'earlier';

/** Converts a schema to draft 2020-12 with notes (see notes.ts). */
export type ZodConverter = (schema: object, side: ZodSide, form: ZodForm) => JsonObject;

/** Loads the converter for a generation of zod, and nothing of the other's. */
export function loadZodConverter(flavour: ZodFlavour): Promise<ZodConverter> {
  return flavour === 'zod 4' ? loadZod4Converter() : loadZod3Converter();
}
