import { describe, expect, test } from 'vitest';
import type { Acceptance } from '../../../src/evolution/check/accept-record.ts';
import { baselineFromText } from '../../../src/evolution/check/baseline-schema.ts';
import { checkDefinitions, type CheckReport } from '../../../src/evolution/check/check.ts';
import { formatReport, reportFormats } from '../../../src/evolution/check/formats/format-report.ts';
import { schemaHash } from '../../../src/evolution/check/snapshot.ts';
import type { JsonValue } from '../../../src/json/value.ts';

const nasty = 'a,b:c%d\n::error::x <b>&"\'`|` \u0007\uD800';
const before = object({ name: { type: 'string' }, total: { type: 'number' } });
const after = object({ name: { type: 'string' }, total: { type: 'integer' }, [nasty]: { type: 'string' } });
const source = `export default defineExtraction({
  name: 'receipt',
  schema: z.object({
    name: z.string(),
    total: z.int(),
  }),
});
`;

function object(properties: Record<string, JsonValue>): JsonValue {
  return { type: 'object', properties, required: Object.keys(properties), additionalProperties: false };
}

function reportOf(
  older: JsonValue,
  newer: JsonValue,
  options: { acceptances?: (Acceptance & { path: string })[]; file?: string } = {},
): CheckReport {
  const candidate = {
    content: { name: 'receipt', schema: newer, hash: schemaHash(newer), unseen: [] },
    reference: 'schemas/receipt.ts',
    file: options.file ?? 'schemas/receipt.ts',
    source,
    mode: 'backward',
    acceptances: options.acceptances ?? [],
    locked: undefined,
  } as const;
  const schema = baselineFromText(JSON.stringify(older), 'old.json', 'receipt');
  const baseline = {
    label: 'old.json',
    schemas: new Map([['receipt', [schema]]]),
    others: new Map([['bill', { ...schema, name: 'bill' }]]),
  };
  return checkDefinitions([candidate], baseline, {
    reader: 'validator',
    againstOption: 'old.json',
    isWhole: true,
    acceptedRemovals: new Map([['bill', [acceptedRemoval(schema.hash)]]]),
  });
}

function acceptedRemoval(oldHash: string): Acceptance & { path: string } {
  const decision = { reason: 'Nobody reads it', date: '2026-11-20', gleaner: '1.0.0' };
  const pair = { oldHash, newHash: 'removed', directions: [], rules: ['removed'], fingerprints: [] };
  return { name: 'bill', path: 'bill.json', ...decision, ...pair };
}

test('a definition that zod writes in other words is told from an edited one', () => {
  const noteOf = (words: JsonValue, now: JsonValue, zods?: { before: string; now: string }): string => {
    const [schema, content] = [object({ a: words }), object({ a: now })];
    const locked = {
      schema,
      hash: schemaHash(schema),
      name: 'receipt',
      unseen: [],
      number: 1,
      date: '',
      gleaner: '',
      ...(zods === undefined ? {} : { zod: zods.before }),
    };
    const baseline = { label: 'snapshots', schemas: new Map(), others: new Map() };
    const candidate = {
      content: {
        name: 'receipt',
        schema: content,
        hash: schemaHash(content),
        unseen: [],
        ...(zods === undefined ? {} : { zod: zods.now }),
      },
      reference: 'schemas/receipt.ts',
      file: 'schemas/receipt.ts',
      source,
      mode: 'backward',
      acceptances: [],
      locked,
    } as const;
    const options = { reader: 'validator', againstOption: 'snapshots' } as const;
    return formatReport(checkDefinitions([candidate], baseline, options), 'text', '1.0.0');
  };
  const union = { anyOf: [{ type: 'string' }, { type: 'null' }] };
  expect(noteOf(union, { type: ['string', 'null'] })).toContain('zod changed, not the definition');
  expect(noteOf(union, { type: 'string' })).toContain('The newest snapshot is not this definition');

  const zods = { before: 'zod 4.4.0', now: 'zod 4.5.0' };
  expect(noteOf(union, { type: ['string', 'null'] }, zods)).toContain(
    'zod changed (from zod 4.4.0 to zod 4.5.0), not the definition',
  );
  expect(noteOf(union, { type: 'string' }, zods)).toContain('(and is read with zod 4.5.0 now, was with zod 4.4.0)');
});

describe('github', () => {
  test('each change is an annotation on one line at its property, with everything escaped', () => {
    const lines = formatReport(reportOf(before, after, { file: 'a,b:c/%.ts' }), 'github', '1.0.0')
      .trimEnd()
      .split('\n');
    const errors = lines.filter((line) => line.startsWith('::error '));
    expect(errors).toHaveLength(2);
    for (const line of errors) expect(line).toMatch(/^::error file=a%2Cb%3Ac\/%25\.ts,line=\d+,title=[^:,]+::/);
    expect(errors.find((line) => line.includes('type-narrowed'))).toContain(',line=5,');
    expect(lines.filter((line) => !line.startsWith('::'))).toEqual([lines.at(-1)]);
    expect(lines.at(-1)).toBe('1 definition against old.json: 1 breaking');
  });
});

describe('sarif', () => {
  interface Sarif {
    $schema: string;
    version: string;
    runs: {
      tool: { driver: { name: string; rules: { id: string; shortDescription: { text: string } }[] } };
      originalUriBaseIds: Record<string, object>;
      results: {
        ruleId: string;
        ruleIndex: number;
        level: string;
        message: { text: string };
        locations: {
          physicalLocation: { artifactLocation: { uri: string; uriBaseId: string }; region: { startLine: number } };
        }[];
        partialFingerprints: Record<string, string>;
        suppressions?: { kind: string; status: string; justification: string }[];
      }[];
    }[];
  }

  function sarifOf(report: CheckReport): Sarif {
    return JSON.parse(formatReport(report, 'sarif', '1.0.0')) as Sarif;
  }

  test('what SARIF 2.1.0 and code scanning demand is there', () => {
    const { $schema, version, runs } = sarifOf(reportOf(before, after, { file: 'sch emas/ä.ts' }));
    expect($schema).toMatch(/sarif.*2\.1\.0/);
    expect(version).toBe('2.1.0');
    expect(runs).toHaveLength(1);
    const [run] = runs;
    const rules = run?.tool.driver.rules ?? [];
    expect(run?.tool.driver.name).toBe('gleaner');
    expect(new Set(rules.map(({ id }) => id)).size).toBe(rules.length);
    for (const rule of rules) expect(rule.shortDescription.text).not.toBe('');
    expect(run?.results.length).toBe(2);
    for (const result of run?.results ?? []) {
      expect(rules[result.ruleIndex]?.id).toBe(result.ruleId);
      expect(['error', 'warning', 'note']).toContain(result.level);
      expect(result.message.text).not.toBe('');
      const { artifactLocation, region } = result.locations[0]?.physicalLocation ?? {};
      expect(artifactLocation).toEqual({ uri: 'sch%20emas/%C3%A4.ts', uriBaseId: 'SRCROOT' });
      expect(region?.startLine).toBeGreaterThan(0);
      expect(Object.values(result.partialFingerprints)).toEqual([expect.stringMatching(/^[0-9a-f]{12}/)]);
    }
    expect(Object.keys(run?.originalUriBaseIds ?? {})).toEqual(['SRCROOT']);
  });

  test('an accepted break is a suppressed note', () => {
    const acceptance = {
      name: 'receipt',
      date: '2026-01-02',
      gleaner: '1.0.0',
      rules: [],
      fingerprints: [],
      reason: 'Archived',
      oldHash: schemaHash(before),
      newHash: schemaHash(after),
      directions: ['backward'] as const,
      path: 'x.json',
    };
    const [run] = sarifOf(reportOf(before, after, { acceptances: [acceptance] })).runs;
    const result = run?.results.find(({ ruleId }) => ruleId === 'type-narrowed');
    expect(result).toMatchObject({ level: 'note', suppressions: [{ kind: 'external', justification: 'Archived' }] });
  });
});

test('text has no control characters, and no line that a CI runner takes for a command', () => {
  const text = formatReport(reportOf(before, after), 'text', '1.0.0');
  expect(text).not.toMatch(/[^\n\P{Cc}]/u);
  expect(text).not.toMatch(/^\s*::/m);
  expect(text).toContain('This document was valid and is refused now');
});

test('junit is well-formed XML 1.0, whatever names hold', () => {
  const xml = formatReport(reportOf(before, after), 'junit', '1.0.0');
  expect(xml).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\n<testsuites [^<>]*tests="1" failures="1"/);
  expect(xml).not.toMatch(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/u);
  // Without its tags and entities nothing is left that XML reads as markup.
  const tags = /<(\/?)([a-z-]+)((?: [a-z]+="[^"<>]*")*)\s*>/g;
  const open: string[] = [];
  for (const [, slash, name = ''] of xml.matchAll(tags)) {
    if (slash === '') open.push(name);
    else expect(open.pop()).toBe(name);
  }
  expect(open).toEqual([]);
  expect(
    xml
      .slice(xml.indexOf('\n'))
      .replaceAll(tags, '')
      .replaceAll(/&(?:amp|lt|gt|quot|apos|#\d+);/g, ''),
  ).not.toMatch(/[<>&]/);
});

test('junit keeps line breaks of names as such, which a reader makes blanks of otherwise', () => {
  const report = reportOf(before, after);
  const file = 'schemas/a\n\tb\r.ts';
  const definitions = report.definitions.map((one) => ({ ...one, candidate: { ...one.candidate, file } }));
  const xml = formatReport({ ...report, definitions }, 'junit', '1.0.0');
  expect(xml).toContain('file="schemas/a&#10;&#9;b&#13;.ts"');
  for (const [, value = ''] of xml.matchAll(/ [a-z]+="([^"]*)"/g)) expect(value).not.toMatch(/[\t\n\r]/);
});

test('no line of any format begins with what stands in a name behind a line end', () => {
  const report = reportOf(before, object({ [nasty]: { type: 'string' } }));
  for (const format of reportFormats) {
    const lines = formatReport(report, format, '1.0.0').split('\n');
    expect(lines.filter((line) => /^\s*::error::x/.test(line))).toEqual([]);
  }
});

describe('markdown', () => {
  test('says what changed, who breaks, shows the witness and what to do', () => {
    const text = formatReport(reportOf(before, after), 'markdown', '1.0.0');
    const parts = [
      '**What changed**',
      '**Who breaks**',
      'This document was valid and is refused now',
      '```json',
      '**What to do**',
      '.optional()',
      'schema accept',
    ];
    const places = parts.map((part) => text.indexOf(part));
    expect(places).not.toContain(-1);
    expect(places).toEqual(places.toSorted((left, right) => left - right));
  });

  test('names from outside stay text', () => {
    const older = object({ x: { type: 'string' } });
    const newer = object({
      x: { type: 'string' },
      '</td><img src=x> @team [a](http://x) `` | *b*': { type: 'string' },
    });
    const text = formatReport(reportOf(older, newer), 'markdown', '1.0.0');
    const outsideOfCode = text.replaceAll(/```json[^]*?\n```/g, '').replaceAll(/(`+)[^`][^]*?[^`]\1(?!`)/g, '');
    expect(outsideOfCode).not.toMatch(/(?<!\\)<(?!!--)/);
    expect(outsideOfCode).not.toMatch(/@team|(?<!\\)\[a\]/);
  });
});

test('json is one object whose members are documented', () => {
  const value: unknown = JSON.parse(formatReport(reportOf(before, after), 'json', '1.0.0'));
  expect(value).toMatchObject({
    format: 'gleaner.schema-check/1',
    isOk: false,
    against: 'old.json',
    reader: 'validator',
    notes: [expect.stringContaining('bill'), expect.stringContaining('No snapshot was taken yet of receipt')],
    definitions: [
      {
        name: 'receipt',
        file: 'schemas/receipt.ts',
        mode: 'backward',
        verdict: 'breaking',
        lock: 'missing',
        comparisons: [
          { verdict: 'breaking', failing: ['backward'], backward: { verdict: 'breaking' }, acceptance: null },
        ],
      },
    ],
  });
});

test('a schema that cannot be decided fails and names what is in the way', () => {
  const report = reportOf(
    { type: 'string', pattern: '^(a)\\1$' },
    { type: 'string', pattern: '^(b|a)\\1$', minLength: 1 },
  );
  expect(report.definitions[0]?.verdict).toBe('unknown');
  for (const format of reportFormats)
    expect(formatReport(report, format, '1.0.0')).toMatch(/unknown|undecided|could not be decided/i);
});

test('an unchanged schema is compatible in every format and breaks nothing', () => {
  const report = reportOf(before, before);
  expect(report.definitions[0]?.verdict).toBe('compatible');
  expect(formatReport(report, 'github', '1.0.0')).not.toContain('::error');
  expect(formatReport(report, 'junit', '1.0.0')).toContain('failures="0"');
  expect(formatReport(report, 'markdown', '1.0.0')).toContain('The schemas stay compatible');
});

test('invisible characters are escaped in every format', () => {
  const hidden = 'a\u2028b\u200Bc\u202Ed\u0085\uFEFF\u{E0041}';
  const report = reportOf(object({}), object({ [hidden]: { type: 'string' } }));
  for (const format of reportFormats) {
    const text = formatReport(report, format, '1.0.0');
    expect(`${format}: ${text}`).toContain(String.raw`\u2028`);
    expect(`${format}: ${text.replaceAll('@\u200B', '')}`).not.toMatch(/[\p{Zl}\p{Zp}\p{Cf}\u0085]/u);
  }
});

test('three hundred changes stay readable: each says its own, and GitHub gets what it shows', () => {
  const fields = Array.from({ length: 300 }, (_, index) => `field${index}`);
  const all = (type: string): JsonValue => object(Object.fromEntries(fields.map((name) => [name, { type }])));
  const report = reportOf(all('string'), all('number'));
  const github = formatReport(report, 'github', '1.0.0');
  expect(github.length).toBeLessThan(100_000);
  const errors = github.split('\n').filter((line) => line.startsWith('::error '));
  expect(errors).toHaveLength(10);
  for (const [index, line] of errors.entries()) {
    expect(line).toContain(`/properties/field${index}/type`);
    expect(line).toContain(`Allow at field${index} what was allowed before`);
    expect(line).not.toContain('Allow at field299');
  }
  expect(github).toContain('290 more');
  expect(formatReport(report, 'sarif', '1.0.0').length).toBeLessThan(1_000_000);
  expect(formatReport(report, 'markdown', '1.0.0').length).toBeLessThan(65_536);
});

test('a comment about five hundred broken definitions is one that GitHub takes', () => {
  const report = reportOf(before, after);
  const [broken] = report.definitions;
  if (broken === undefined) throw new Error('no definition');
  const definitions = Array.from({ length: 500 }, (_, index) => ({
    ...broken,
    candidate: { ...broken.candidate, content: { ...broken.candidate.content, name: `receipt-${index}` } },
  }));
  const text = formatReport({ ...report, definitions }, 'markdown', '1.0.0');
  expect(text.length).toBeLessThan(65_536);
  expect(text).toContain('receipt-0');
  expect(text).toMatch(/No room is left for .* and \d+ more/);
});
