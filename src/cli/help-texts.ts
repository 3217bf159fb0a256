/** The groups in which `gleaner --help` lists commands. */
const GROUPS = {
  before: 'Before a run:',
  during: 'Running:',
  after: 'After a run:',
  schema: 'Schemas and testing:',
} as const;

const GROUP_OF: Readonly<Record<string, keyof typeof GROUPS>> = {
  init: 'before',
  preview: 'before',
  estimate: 'before',
  models: 'before',
  doctor: 'before',
  config: 'before',
  completion: 'before',
  run: 'during',
  retry: 'during',
  submit: 'during',
  work: 'during',
  status: 'during',
  call: 'during',
  cache: 'during',
  merge: 'after',
  export: 'after',
  report: 'after',
  inspect: 'after',
  compare: 'after',
  eval: 'after',
  evidence: 'after',
  review: 'after',
  'apply-labels': 'after',
  schema: 'schema',
  emulate: 'schema',
};

/** One that works where the examples of the package lie. */
const EXAMPLES: Readonly<Record<string, string>> = {
  init: 'gleaner init flats.csv --name flat --fields "city, rent: number?, pets: boolean?"',
  preview: 'gleaner preview flat flats.csv --id f1',
  models: 'gleaner models --json',
  doctor: 'gleaner doctor flat --project my-project --location global',
  config: 'gleaner config run flat',
  completion: 'gleaner completion bash >> ~/.bashrc',
  run: 'gleaner run flat flats.csv --out runs/flats --emulator',
  retry: 'gleaner retry runs/flats --code invalid_json',
  call: 'gleaner call --model google/gemini-3.5-flash-lite --prompt "Say hello" --emulator',
  merge: 'gleaner merge runs/night/0-of-2 runs/night/1-of-2 --out runs/night/all',
  export: 'gleaner export runs/flats --output flats.csv',
  report: 'gleaner report runs/flats',
  inspect: 'gleaner inspect runs/flats f1',
  compare: 'gleaner compare runs/yesterday runs/today --fail-on any',
  eval: 'gleaner eval runs/flats gold.csv --fail-under rent=0.95',
  evidence: 'gleaner evidence runs/flats',
  review: 'gleaner review runs/flats',
  'apply-labels': 'gleaner apply-labels runs/flats',
  submit: 'gleaner submit flat flats.csv --out runs/flats --pool redis://127.0.0.1:6379',
  work: 'gleaner work --pool redis://127.0.0.1:6379 --until-empty',
  status: 'gleaner status runs/flats --follow',
  estimate: 'gleaner estimate flat flats.csv',
  emulate: 'gleaner emulate --port 8085',
  'cache rebuild': 'gleaner cache rebuild runs/monday runs/tuesday --cache answers.db',
  'cache info': 'gleaner cache info answers.db',
  'schema show': 'gleaner schema show flat',
  'schema lock': 'gleaner schema lock',
  'schema check': 'gleaner schema check --against git:origin/main',
  'schema diff': 'gleaner schema diff old.json flat',
  'schema accept': 'gleaner schema accept flat --reason "nobody reads rent"',
  'schema replay': 'gleaner schema replay flat runs/flats',
};

/** The heading below which a command is listed; undefined for one that has none of its own. */
export function helpGroupOf(path: string): string | undefined {
  const group = Object.hasOwn(GROUP_OF, path) ? GROUP_OF[path] : undefined;
  return group === undefined ? undefined : GROUPS[group];
}

/** For sorting: commands as they are met on the way of a run. */
export function helpOrderOf(path: string): number {
  return Object.keys(GROUPS).indexOf(GROUP_OF[path] ?? 'schema');
}

export function exampleOf(path: string): string | undefined {
  return Object.hasOwn(EXAMPLES, path) ? EXAMPLES[path] : undefined;
}
