import { positive, wholeNumber, type Flag } from '../flag.ts';
import { MAX_MS } from './bounds.ts';

/** What a run shares with other runs. */
export const poolFlags = [
  {
    name: 'pool',
    argument: '<url>',
    description:
      'share --rpm, --tpm, pauses and a budget with all runs of a pool on Redis: redis://[user@]host:port/0, rediss:// for TLS; the password is $GLEANER_POOL_PASSWORD',
  },
  {
    name: 'pool-prefix',
    argument: '<name>',
    description: 'tells pools on one server apart',
    defaultText: 'gleaner',
  },
  {
    name: 'pool-max-cost',
    argument: '<usd>',
    description: 'most US dollars of all runs of the pool together',
    parse: positive,
  },
  {
    name: 'pool-max-total-tokens',
    argument: '<n>',
    description: 'most tokens of all runs of the pool together',
    parse: wholeNumber(1),
  },
  {
    name: 'pool-wait-ms',
    argument: '<n>',
    description: 'how long a pool that does not answer is waited for',
    defaultText: '60000',
    parse: wholeNumber(0, MAX_MS),
  },
] as const satisfies readonly Flag[];
