import { GleanerError } from '../gleaner-error.ts';
import { nearestName } from '../text/nearest-name.ts';

/** What an option of a comparator may be. */
export interface OptionRule {
  /** For people: "a number from 0 to 1". */
  right: string;
  allows(value: unknown): boolean;
}

export const SHARE: OptionRule = {
  right: 'a number from 0 to 1',
  allows: (value) => typeof value === 'number' && value >= 0 && value <= 1,
};

export const DISTANCE: OptionRule = {
  right: 'a number from 0 on',
  allows: (value) => typeof value === 'number' && value >= 0,
};

export const NAME: OptionRule = { right: 'the name of a field', allows: (value) => typeof value === 'string' };

export function oneOf(...values: readonly string[]): OptionRule {
  const right = values.map((value) => `'${value}'`).join(' or ');
  return { right, allows: (value) => values.some((one) => one === value) };
}

/**
 * Refuses options that a comparator does not have, or that would make every value wrong; undefined is as good as left out.
 *
 * @throws {GleanerError} naming the option and what would be right
 */
export function checkOptions(comparator: string, options: object, rules: Readonly<Record<string, OptionRule>>): void {
  for (const [name, value] of Object.entries(options) as [string, unknown][]) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) {
      const near = nearestName(name, Object.keys(rules));
      const advice = near === undefined ? `it has ${Object.keys(rules).join(', ')}` : `did you mean "${near}"?`;
      throw refusal(comparator, `it has no option "${name}"; ${advice}`);
    }
    if (value === undefined || rule.allows(value)) continue;
    const got = typeof value === 'string' ? JSON.stringify(value) : String(value);
    throw refusal(comparator, `"${name}" must be ${rule.right}, got ${got}`);
  }
}

function refusal(comparator: string, why: string): GleanerError {
  return new GleanerError('definition-invalid', `Cannot compare by ${comparator}(): ${why}`);
}
