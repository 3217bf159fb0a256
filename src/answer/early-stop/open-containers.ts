import { pointerToken } from '../../json/pointer.ts';
import { hasRequired, type Candidates } from './candidates.ts';

/** An open object or array. */
export interface Frame {
  isArray: boolean;
  candidates: Candidates;
  /** The key whose value is being read, of objects. */
  key: string;
  /** The place of the item that is being read, of arrays. */
  index: number;
  /** The required keys that were seen; undefined where nothing is required. */
  seen: Set<string> | undefined;
}

/** The objects and arrays that are open, the innermost last. Frames are used again, level by level. */
export class OpenContainers {
  readonly #frames: Frame[] = [];
  #depth = 0;

  get depth(): number {
    return this.#depth;
  }

  get innermost(): Frame {
    const frame = this.#frames[this.#depth - 1];
    if (frame === undefined) throw new RangeError('Cannot read the container: none is open');
    return frame;
  }

  push(isArray: boolean, candidates: Candidates): void {
    const seen = !isArray && candidates.shapes.some(hasRequired) ? new Set<string>() : undefined;
    const frame = this.#frames[this.#depth];
    if (frame === undefined) this.#frames.push({ isArray, candidates, key: '', index: 0, seen });
    else {
      frame.isArray = isArray;
      frame.candidates = candidates;
      frame.index = 0;
      frame.seen = seen;
    }
    this.#depth += 1;
  }

  pop(): void {
    this.#depth -= 1;
  }

  /** JSON pointer of the value being read, or of the container `above` levels higher. */
  path(above = 0): string {
    return this.#frames
      .slice(0, this.#depth - above)
      .map(({ isArray, index, key }) => `/${isArray ? index : pointerToken(key)}`)
      .join('');
  }
}
