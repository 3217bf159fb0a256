import { readFileSync } from 'node:fs';
import { GleanerError } from '../gleaner-error.ts';

/** The built page. */
export interface PageAssets {
  script: string;
  style: string;
}

/** @throws {GleanerError} when the page was not built */
export function readPageAssets(directory = new URL('../review/assets/', import.meta.url)): PageAssets {
  const read = (name: string): string => {
    try {
      return readFileSync(new URL(name, directory), 'utf8');
    } catch (error) {
      throw new GleanerError('usage', 'Cannot show the page: it was not built; run npm run build', { cause: error });
    }
  };
  return { script: read('review.js'), style: read('review.css') };
}
