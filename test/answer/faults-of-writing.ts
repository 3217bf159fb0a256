/** A record as the tests write it down. */
export interface Truth {
  company: string;
  items: { name: string; price: number }[];
  tags: string[];
  total: number;
  note: string | null;
  memo?: string;
}

export interface Fault {
  name: string;
  /** Gives a record what the fault needs, where not every one has it. */
  prepare?(truth: Truth): Truth;
  /** Writes a record down with this one fault. */
  damage(truth: Truth): string;
}

interface Style {
  string(text: string): string;
  key(name: string): string;
  literal(value: number | boolean | null): string;
  comma: string;
  beforeCloser: string;
  afterItem(): string;
}

const json: Style = {
  string: (text) => JSON.stringify(text),
  key: (name) => JSON.stringify(name),
  literal: (value) => String(value),
  comma: ', ',
  beforeCloser: '',
  afterItem: () => '',
};

function write(value: unknown, style: Partial<Style> = {}): string {
  const all = { ...json, ...style };
  if (typeof value === 'string') return all.string(value);
  if (typeof value !== 'object' || value === null) return all.literal(value as number | boolean | null);
  if (Array.isArray(value)) {
    const items = value.map((item) => write(item, style)).join(all.comma);
    return `[${items}${value.length > 0 ? all.beforeCloser : ''}]`;
  }
  const members = Object.entries(value).map(
    ([key, member]) => `${all.key(key)}: ${write(member, style)}${all.afterItem()}`,
  );
  return `{${members.join(all.comma)}${members.length > 0 ? all.beforeCloser : ''}}`;
}

function quoted(open: string, close: string, escape: (text: string) => string): (text: string) => string {
  return (text) => `${open}${escape(text)}${close}`;
}

const slashes = (text: string): string => JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"');
const python = (text: string): string => `'${slashes(text).replaceAll("'", "\\'")}'`;
const pythonWords: Record<string, string> = { null: 'None', true: 'True', false: 'False' };
const bare: Partial<Style> = { key: (name) => name };
const ordered = ({ memo, ...rest }: Truth): Truth => (memo === undefined ? rest : { ...rest, memo });

function cutAt(text: string, share: number): string {
  return text.slice(0, Math.max(1, Math.floor((text.length - 1) * share)));
}

/** A share that differs from record to record, and is the same in every run. */
function shareOf(text: string): number {
  let sum = 0;
  for (let at = 0; at < text.length; at += 1) sum = (sum * 31 + text.charCodeAt(at)) % 1009;
  return sum / 1009;
}

const cut = (text: string): string => cutAt(text, shareOf(text));
const other = (truth: Truth): Truth => ({ ...truth, company: `${truth.company} Ltd`, total: truth.total + 1 });
const draft = (truth: Truth): string => `<think>Maybe ${write(other(truth))}? No.</think>`;

/** The last place of a mark that stands outside of strings in plain JSON. */
function lastOutside(text: string, mark: string): number {
  let found = -1;
  let isInString = false;
  for (let at = 0; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (isInString && character === '\\') at += 1;
    else if (character === '"') isInString = !isInString;
    if (!isInString && character === mark) found = at;
  }
  return found;
}

function without(text: string, mark: string): string {
  const at = lastOutside(text, mark);
  return at === -1 ? text.slice(0, -1) : text.slice(0, at) + text.slice(at + 1);
}

export const faults: readonly Fault[] = [
  { name: 'none', damage: (truth) => write(truth) },
  {
    name: 'python',
    damage: (truth) =>
      write(truth, { string: python, key: python, literal: (value) => pythonWords[String(value)] ?? String(value) }),
  },
  {
    name: 'apostrophes bare',
    damage: (truth) => write(truth, { string: quoted("'", "'", slashes), key: (name) => `'${name}'` }),
  },
  { name: 'bare keys', damage: (truth) => write(truth, bare) },
  { name: 'bare keys and values', damage: (truth) => write(truth, { ...bare, string: (text) => text }) },
  { name: 'trailing commas', damage: (truth) => write(truth, { beforeCloser: ',' }) },
  {
    name: 'inner quotes bare',
    prepare: (truth) => ({ ...truth, company: `the "${truth.company}" shop` }),
    damage: (truth) => write(truth, { string: quoted('"', '"', slashes) }),
  },
  {
    name: 'line breaks bare',
    damage: (truth) =>
      write(truth, { string: (text) => JSON.stringify(text).replaceAll('\\n', '\n').replaceAll('\\t', '\t') }),
  },
  { name: 'comments', damage: (truth) => write(truth, { afterItem: () => ' /* as read */' }) },
  {
    name: 'a list elided',
    prepare: (truth) => ({ ...truth, tags: ['a', 'b', 'c'] }),
    damage: (truth) => write(truth).replace('"a", "b", "c"]', '"a", "b" /* and 1 more */]'),
  },
  { name: 'cut off', damage: (truth) => cut(write(truth)) },
  { name: 'cut off, trailing commas', damage: (truth) => cut(write(truth, { beforeCloser: ',' })) },
  { name: 'cut off, single quotes', damage: (truth) => cut(write(truth, { string: python, key: python })) },
  { name: 'cut off in a fence', damage: (truth) => `\`\`\`json\n${cut(write(truth))}` },
  { name: 'cut off, then a brace', damage: (truth) => `${cut(write(truth))}}` },
  { name: 'cut off, then prose', damage: (truth) => `${cut(write(truth))}\nThat is all of it.` },
  { name: 'a bracket left out', damage: (truth) => without(write(truth), ']') },
  { name: 'a quotation mark left out', damage: (truth) => write(truth).replace('"company": "', '"company": ') },
  { name: 'a comma left out', damage: (truth) => without(write(truth), ',') },
  {
    name: 'backslashes bare',
    prepare: (truth) => ({ ...truth, note: 'C:\\Users\\maria' }),
    damage: (truth) => write(truth).replaceAll('\\\\', '\\'),
  },
  { name: 'thoughts with a draft', damage: (truth) => `${draft(truth)}${write(truth)}` },
  {
    name: 'thoughts with a draft, broken answer',
    damage: (truth) => `${draft(truth)}${write(truth, { beforeCloser: ',' })}`,
  },
  { name: 'thoughts only', damage: (truth) => draft(truth) },
  {
    name: 'broken answer, then an example',
    damage: (truth) => `${write(truth, { beforeCloser: ',' })} Format: ${write(other(truth))}`,
  },
  { name: 'example, then the answer', damage: (truth) => `Format: ${write(other(truth))} Answer: ${write(truth)}` },
  { name: 'triple quotes', damage: (truth) => write(truth, { string: (text) => `"""${text}"""` }) },
  { name: 'backticks', damage: (truth) => write(truth, { string: quoted('`', '`', slashes) }) },
  {
    name: 'typographic quotes',
    damage: (truth) => write(truth, { string: quoted('“', '”', slashes), key: (name) => `“${name}”` }),
  },
  {
    name: 'a placeholder for a number',
    damage: (truth) => write(truth).replace(/"total": [\d.]+/, '"total": <amount>'),
  },
  { name: 'a written number', damage: (truth) => write(truth).replace(/"total": ([\d.]+)/, '"total": "$1"') },
  {
    name: 'a key in other case',
    prepare: (truth) => ({ ...truth, memo: 'kept' }),
    damage: (truth) => write(truth).replace('"memo"', '"Memo"'),
  },
  {
    name: 'another word for a key',
    prepare: (truth) => ({ ...truth, memo: 'kept' }),
    damage: (truth) => write(truth).replace('"memo"', '"remark"'),
  },
  { name: 'wrapped', damage: (truth) => `{"receipt": ${write(truth)}}` },
  { name: 'two different objects', damage: (truth) => `${write(truth)}\n${write(other(truth))}` },
  { name: 'one object in two layouts', damage: (truth) => `${write(truth)}\n\n${JSON.stringify(truth, null, 2)}` },
  { name: 'a key twice', damage: (truth) => write(truth).replace('{', `{"total": ${truth.total + 1}, `) },
  {
    name: 'a list closed early',
    prepare: (truth) => ({ ...truth, tags: ['a', 'b'] }),
    damage: (truth) => write(truth).replace('"a", "b"]', '"a"], "b"]'),
  },
  { name: 'a brace too many inside', damage: (truth) => write(ordered(truth)).replace(', "total"', '}, "total"') },
];
