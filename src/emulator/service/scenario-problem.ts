import type { z } from 'zod/v4';
import { pointerToken } from '../../json/pointer.ts';
import { scenarioRules } from './scenario-rules.ts';

type Issue = z.core.$ZodIssue;

/** A checked scenario with its defaults, or a sentence without a period that begins with the JSON pointer of what is wrong. */
export function parseScenario(value: unknown): { settings: z.output<typeof scenarioRules> } | { problem: string } {
  const parsed = scenarioRules.safeParse(value, { reportInput: true, error: knownNames });
  if (parsed.success) return { settings: parsed.data };
  const [issue] = parsed.error.issues;
  return { problem: issue === undefined ? 'it is no scenario' : describe(issue, []) };
}

/** Only while checking is it known which names an object may have. */
function knownNames({ code, inst }: z.core.$ZodRawIssue): string | undefined {
  const shape = (inst as Partial<z.ZodObject> | undefined)?.shape;
  return code === 'unrecognized_keys' ? `is not known: there are ${Object.keys(shape ?? {}).join(', ')}` : undefined;
}

function describe(issue: Issue, above: readonly PropertyKey[]): string {
  const path = [...above, ...issue.path];
  switch (issue.code) {
    case 'invalid_type':
      if (issue.input === undefined && path.length > 0)
        return `${place(path.slice(0, -1))} must have ${String(path.at(-1))}`;
      return wrong(path, `must be ${expectations(issue)}`, issue.input);
    case 'invalid_value':
      return wrong(path, `must be ${issue.values.length === 1 ? '' : 'one of '}${expectations(issue)}`, issue.input);
    case 'too_small':
      if (issue.origin === 'string' || issue.origin === 'array') return `${place(path)} must not be empty`;
      return wrong(path, `must be ${issue.minimum} or more`, issue.input);
    case 'too_big':
      return wrong(path, `must be at most ${issue.maximum}`, issue.input);
    case 'unrecognized_keys':
      return `${place([...path, issue.keys[0] ?? ''])} ${issue.message}`;
    case 'invalid_union': {
      const firsts = issue.errors.flatMap(([first]) => (first === undefined ? [] : [first]));
      // The branch of the value's own type tells what is wrong inside.
      const inner = firsts.find((first) => first.path.length > 0 || !('expected' in first || 'values' in first));
      if (inner !== undefined) return describe(inner, path);
      return wrong(path, `must be ${firsts.map(expectations).join(' or ')}`, issue.input);
    }
    default:
      return `${place(path)} ${issue.message}`;
  }
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  object: 'an object',
  array: 'a list',
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
};

function expectations(issue: Issue): string {
  if (issue.code === 'invalid_value') return issue.values.join(', ');
  return issue.code === 'invalid_type' ? (TYPE_NAMES[issue.expected] ?? issue.expected) : issue.message;
}

function wrong(path: readonly PropertyKey[], expected: string, value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return `${place(path)} ${expected}, got ${text.length > 60 ? `${text.slice(0, 60)}…` : text}`;
}

function place(path: readonly PropertyKey[]): string {
  const parts = path.map((key) => `/${pointerToken(String(key))}`);
  return parts.length === 0 ? 'it' : parts.join('');
}
