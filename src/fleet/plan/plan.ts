import { parseJsonObject } from '../../json/parse-json.ts';
import { createHash } from 'node:crypto';
import { closeSync, openSync, readSync } from 'node:fs';
import { closeRead } from '../../files/close-read.ts';
import { scanLines } from '../../files/line-scanner.ts';
import { describeSystemError } from '../../files/system-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { isJsonObject, type JsonObject } from '../../json/value.ts';
import { PLAN_VERSION, type PlanChunk, type PlanEnd, type PlanHead, type PlanOwner } from './plan-lines.ts';

/** What a path of a plan is in the messages. */
const WHAT_IS_RIGHT = 'give a plan.jsonl that gleaner has written, or remove it to have it made again';

/**
 * A plan in its file. Chunks are read when they are asked for: what is held of each is its place, so that the plan of a billion rows takes
 * 16 MB.
 */
export class Plan {
  readonly path: string;
  readonly definition: PlanOwner['definition'];
  readonly head: PlanHead;
  readonly end: PlanEnd;
  /** Of all that the plan says, without whose it is. */
  readonly digest: string;
  /** Bytes before each chunk's line, and before the last line. */
  readonly #places: Float64Array;

  private constructor(path: string, read: ReadPlan) {
    this.path = path;
    this.definition = read.owner.definition;
    this.head = read.head;
    this.end = read.end;
    this.digest = read.digest;
    this.#places = read.places;
  }

  /** @throws {GleanerError} when the file cannot be read, or is no whole plan */
  static open(path: string): Plan {
    let fd: number;
    try {
      fd = openSync(path, 'r');
    } catch (error) {
      throw new GleanerError('plan-unusable', `Cannot read the plan ${path}: ${describeSystemError(error)}`, {
        cause: error,
      });
    }
    try {
      return new Plan(path, readPlan(fd, path));
    } finally {
      closeRead(fd);
    }
  }

  /** Why the input is one chunk, where it can only be read from its beginning. */
  get whole(): PlanHead['whole'] {
    return this.head.whole;
  }

  /** @throws {GleanerError} when there is no such chunk */
  chunk(number: number): PlanChunk {
    const [chunk] = this.chunks([number]);
    if (chunk === undefined) {
      throw new GleanerError(
        'plan-unusable',
        `Cannot take chunk ${number} of the plan ${this.path}: it has ${this.end.chunks}`,
      );
    }
    return chunk;
  }

  /** The chunks with these numbers, or all of them, in order. */
  *chunks(numbers: Iterable<number> = this.#all()): Generator<PlanChunk> {
    const fd = openSync(this.path, 'r');
    try {
      for (const number of numbers) {
        const start = this.#places[number];
        const end = this.#places[number + 1];
        if (start === undefined || end === undefined) return;
        const line = Buffer.allocUnsafe(end - start);
        readSync(fd, line, 0, line.length, start);
        yield parse(line, this.path) as unknown as PlanChunk;
      }
    } finally {
      closeSync(fd);
    }
  }

  *#all(): Generator<number> {
    for (let number = 0; number < this.end.chunks; number += 1) yield number;
  }
}

interface ReadPlan {
  owner: PlanOwner;
  head: PlanHead;
  end: PlanEnd;
  digest: string;
  places: Float64Array;
}

function readPlan(fd: number, path: string): ReadPlan {
  const hash = createHash('sha256');
  const places: number[] = [];
  let owner: PlanOwner | undefined;
  let head: PlanHead | undefined;
  let last: JsonObject | undefined;
  for (const { offset, bytes } of scanLines(fd)) {
    if (owner === undefined) owner = ownerOf(parse(bytes, path), path);
    else {
      hash.update(bytes).update('\n');
      // Only the two lines at the ends are looked into now.
      if (head === undefined) head = parse(bytes, path) as unknown as PlanHead;
      else places.push(offset);
      last = head === undefined || !bytes.includes(END_MARK) ? undefined : parse(bytes, path);
    }
  }
  const end = last as unknown as PlanEnd | undefined;
  if (owner === undefined || head === undefined || end?.chunks !== places.length - 1)
    throw broken(path, 'it is not whole');
  return { owner, head, end, digest: hash.digest('hex'), places: Float64Array.from(places) };
}

const END_MARK = '{"chunks":';

function ownerOf(value: JsonObject, path: string): PlanOwner {
  if (value['plan'] === PLAN_VERSION && isJsonObject(value['definition'])) return value as unknown as PlanOwner;
  throw broken(path, `it is no plan of version ${PLAN_VERSION}`);
}

function parse(line: Buffer, path: string): JsonObject {
  const value = parseJsonObject(line.toString('utf8'));
  if (value !== undefined) return value;
  throw broken(path, 'it has a line that is no JSON object');
}

function broken(path: string, problem: string): GleanerError {
  return new GleanerError('plan-unusable', `Cannot use the plan ${path}: ${problem}; ${WHAT_IS_RIGHT}`);
}
