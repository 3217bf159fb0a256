import { oneOf, wholeNumber, type Flag } from '../flag.ts';
import { MAX_MS } from './bounds.ts';

/** Where calls go and with what credentials. */
export const serviceFlags = [
  {
    name: 'model',
    argument: '<name>',
    description: 'model, such as google/gemini-3.5-flash-lite',
    defaultText: "the definition's",
  },
  { name: 'project', argument: '<id>', description: 'Google Cloud project', defaultText: '$GOOGLE_CLOUD_PROJECT' },
  {
    name: 'location',
    argument: '<name>',
    description: 'region, or global, us, eu',
    defaultText: '$GOOGLE_CLOUD_LOCATION',
  },
  { name: 'endpoint', argument: '<id>', description: 'self-deployed endpoint instead of a model' },
  {
    name: 'api-version',
    argument: '<v>',
    description: 'v1 or v1beta1',
    defaultText: 'v1',
    parse: oneOf('v1', 'v1beta1'),
  },
  { name: 'base-url', argument: '<url>', description: 'everything before /chat/completions, instead of the above' },
  { name: 'allow-http', description: 'let --base-url be http: on another host, inside a network that you trust' },
  {
    name: 'auth',
    argument: '<how>',
    description: 'adc, none, or env:NAME for a token in a variable',
    defaultText: "adc for Google's hosts, else none",
  },
  {
    name: 'timeout-ms',
    argument: '<n>',
    description: 'time for one call',
    defaultText: '120000',
    parse: wholeNumber(1, MAX_MS),
  },
  {
    name: 'request-type',
    argument: '<type>',
    description: 'consumption option: dedicated, shared, priority or flex',
    defaultText: 'what the project has',
    parse: oneOf('dedicated', 'shared', 'priority', 'flex'),
  },
] as const satisfies readonly Flag[];
