/** The flags of a run and of what is like one, below the headings of its help, in this order. */
const GROUPS: readonly (readonly [heading: string, names: readonly string[]])[] = [
  [
    'Input and output:',
    [
      'out',
      'format',
      'delimiter',
      'encoding',
      'fill-short-rows',
      'media-root',
      'id-field',
      'limit',
      'accept-changes',
      'code',
      'definition',
    ],
  ],
  [
    'Service:',
    [
      'emulator',
      'model',
      'project',
      'location',
      'endpoint',
      'api-version',
      'base-url',
      'allow-http',
      'auth',
      'request-type',
      'timeout-ms',
      'stream',
    ],
  ],
  ['Pace and retries:', ['concurrency', 'rpm', 'tpm', 'max-attempts', 'max-reasks', 'retry-delay-ms']],
  [
    'Cost and limits:',
    ['max-cost', 'max-total-tokens', 'prices', 'cache', 'max-reject-rate', 'min-records', 'compare-with', 'evidence'],
  ],
  [
    'What is told, and where:',
    [
      'quiet',
      'json-logs',
      'log-content',
      'metrics-file',
      'metrics-port',
      'metrics-host',
      'notify',
      'notify-as',
      'summary',
    ],
  ],
  ['Batch jobs:', ['batch', 'wait', 'online-after', 'no-batch-probe', 'batch-reasks', 'batch-media', 'batch-schema']],
  [
    'Many machines:',
    [
      'shard',
      'wait',
      'withdraw',
      'plan',
      'chunk-rows',
      'pool',
      'pool-prefix',
      'pool-max-cost',
      'pool-max-total-tokens',
      'pool-wait-ms',
      'until-empty',
      'name',
      'lock-ms',
    ],
  ],
];

/** So many flags can be read as one list. */
const MOST_IN_ONE = 20;

/** The heading below which a command lists a flag, where it has too many for one list; undefined for the common one. */
export function flagGroupOf(flag: string, flags: readonly { name: string }[]): string | undefined {
  if (flags.length <= MOST_IN_ONE) return undefined;
  // A flag of batch jobs means something else to a command that has none.
  const has = (name: string): boolean => flags.some((one) => one.name === name);
  return GROUPS.find(([, names]) => names.includes(flag) && (names[0] !== 'batch' || has('batch')))?.[0];
}

/** Flags in the order of their headings, those without one last. */
export function inGroups<Flag extends { name: string }>(flags: readonly Flag[]): Flag[] {
  if (flags.length <= MOST_IN_ONE) return [...flags];
  const order = GROUPS.map(([heading]) => heading);
  const placeOf = ({ name }: Flag): number => {
    const heading = flagGroupOf(name, flags);
    return heading === undefined ? order.length : order.indexOf(heading);
  };
  return flags.toSorted((left, right) => placeOf(left) - placeOf(right));
}
