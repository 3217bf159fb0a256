import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { placeIfAbsent } from '../../files/place-if-absent.ts';
import { StoreError } from '../../files/store-error.ts';
import { systemCode } from '../../files/system-error.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { Plan } from './plan.ts';
import { PLAN_VERSION, type PlanOwner } from './plan-lines.ts';
import { differencesOf } from './plan-differences.ts';
import { scanPlan, type ScanOptions } from './scan-plan.ts';

export interface PlanOptions extends ScanOptions {
  /** Where the plan is kept; made with its directory when it is not there. */
  file: string;
  /** What the definition must agree with, part by part. Default: nothing. */
  definition?: PlanOwner['definition'] | undefined;
  /**
   * How a plan that is there is held against the input: by all of its bytes, or by their number, where every chunk is held against its
   * digest before it is read. Default `bytes`.
   */
  check?: 'bytes' | 'size';
  /** Whether a plan that is there and is another one is made again. Where it is not given, only whoever keeps the plan can have that. */
  replaces?: boolean | undefined;
  /** What the plan is called where `file` is only a copy of it; its keeper takes no other one. Default: `file`. */
  name?: string | undefined;
}

/**
 * Makes the plan of an input, or adopts the one that is there. Of several who make it at once, one writes it and the others adopt it.
 *
 * @throws {GleanerError} when the input cannot be planned, or the plan that is there is of another input or definition
 */
export async function planInput(path: string, options: PlanOptions): Promise<Plan> {
  if (!isThere(options.file)) await writePlan(path, options);
  const plan = Plan.open(options.file);
  const problems = await differencesOf(plan, path, options);
  if (problems.length === 0) return plan;
  if (options.replaces === true) {
    rmSync(options.file, { force: true });
    return planInput(path, { ...options, replaces: false });
  }
  const { name } = options;
  const differs = `Cannot use the plan ${name ?? plan.path} for ${path}: ${problems.join('; ')}`;
  if (name !== undefined) {
    throw new GleanerError(
      'plan-differs',
      `${differs}. What stands there goes on only with the input as it was; use another directory for this one`,
    );
  }
  const isOthers = options.replaces === undefined;
  throw new GleanerError(
    'plan-differs',
    `${differs}. ` +
      (isOthers
        ? 'Use another one, or remove it to have it made again'
        : 'Use another directory, or accept the changes'),
    { facts: isOthers ? {} : { advice: 'changes' } },
  );
}

/** Writes a plan beside its place, and links it there once it is whole: it is there whole or not at all, and never replaces one. */
async function writePlan(path: string, { file, definition = {}, ...options }: PlanOptions): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const fd = openSync(temporary, 'wx');
    try {
      const owner: PlanOwner = { plan: PLAN_VERSION, definition };
      writeSync(fd, `${JSON.stringify(owner)}\n`);
      for await (const line of scanPlan(path, options)) writeSync(fd, `${JSON.stringify(line)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
    placeIfAbsent(temporary, file);
  } catch (error) {
    throw error instanceof GleanerError || systemCode(error) === undefined
      ? error
      : new StoreError('write', file, error);
  } finally {
    rmSync(temporary, { force: true });
  }
}

function isThere(file: string): boolean {
  try {
    closeSync(openSync(file, 'r'));
    return true;
  } catch (error) {
    // What cannot be opened for another reason is for the reader to tell.
    return systemCode(error) !== 'ENOENT';
  }
}
