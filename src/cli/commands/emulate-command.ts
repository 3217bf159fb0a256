import {
  defaultFaultMix,
  faultKinds,
  isFaultKind,
  readScenario,
  startEmulator,
  type EmulatorOptions,
  type FaultKind,
} from '../../emulator/index.ts';
import { GleanerError } from '../../gleaner-error.ts';
import { describeSystemError } from '../../files/system-error.ts';
import type { emulateFlags } from '../settings/flags/emulate-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';

const DEFAULT_PORT = 8085;

/** `gleaner emulate`: serves until SIGTERM or SIGINT. */
export async function emulateCommand(
  _arguments: readonly string[],
  settings: Settings<typeof emulateFlags>,
  terminal: Terminal,
): Promise<number> {
  const options = await emulatorOptions(settings);
  const emulator = await startEmulator(options).catch((error: unknown) => {
    if (error instanceof RangeError) throw new GleanerError('emulator-unusable', error.message);
    const { host = '127.0.0.1', port } = options;
    throw new GleanerError(
      'emulator-unusable',
      `Cannot listen on ${host}, port ${port}: ${describeSystemError(error)}; give another --port`,
      { cause: error },
    );
  });
  terminal.stdout.write(`${emulator.origin}\n`);
  terminal.stderr.write(
    `Serving until Ctrl-C. This is no model: answers are looked up in the text of the prompt. ${
      options.tokens?.accept === 'issued'
        ? 'Only its own tokens are accepted; to get one:\n' +
          `  curl -H Metadata-Flavor:Google ${emulator.origin}/computeMetadata/v1/instance/service-accounts/default/token\n`
        : 'Any bearer token is accepted; to use it:\n' +
          `  TOKEN=any npx gleaner run <definition> <input> --out <dir> --auth env:TOKEN --base-url ${emulator.baseUrl()}\n`
    }`,
  );
  await new Promise<void>((resolve) => {
    const unlisten = terminal.onStopSignal(() => {
      unlisten();
      resolve();
    });
  });
  await emulator.close();
  return 0;
}

/** Flags go before the scenario. */
async function emulatorOptions(settings: Settings<typeof emulateFlags>): Promise<EmulatorOptions> {
  const file = settings.text('scenario');
  const options: EmulatorOptions = { port: DEFAULT_PORT, ...(file === undefined ? {} : await scenarioIn(file)) };
  const port = settings.number('port');
  if (port !== undefined) options.port = port;
  const host = settings.text('host');
  if (host !== undefined) options.host = host;
  const allowedHosts = settings.text('allow-host');
  if (allowedHosts !== undefined) options.allowedHosts = allowedHosts.split(',').map((name) => name.trim());
  if (settings.isOn('any-model')) options.anyModel = true;
  const seed = settings.number('seed');
  if (seed !== undefined) options.seed = seed;
  const latencyMs = settings.number('latency-ms');
  if (latencyMs !== undefined) options.latencyMs = latencyMs;
  const requestsPerMinute = settings.number('rpm');
  if (requestsPerMinute !== undefined) options.requestsPerMinute = requestsPerMinute;
  const tokensPerMinute = settings.number('tpm');
  if (tokensPerMinute !== undefined) options.tokensPerMinute = tokensPerMinute;
  const kinds = settings.text('faults');
  const rate = settings.number('fault-rate') ?? (kinds === undefined ? 0 : 0.1);
  if (rate > 0) options.faults = { rate, kinds: kinds === undefined ? defaultFaultMix : readKinds(kinds) };
  else if (settings.number('fault-rate') === 0) delete options.faults;
  return options;
}

async function scenarioIn(file: string): Promise<EmulatorOptions> {
  try {
    return await readScenario(file);
  } catch (error) {
    if (error instanceof RangeError) throw new GleanerError('emulator-unusable', error.message, { cause: error });
    throw error;
  }
}

function readKinds(text: string): FaultKind[] {
  return text.split(',').map((part) => {
    const kind = part.trim();
    if (isFaultKind(kind)) return kind;
    throw new GleanerError(
      'emulator-unusable',
      `Cannot read --faults: there is no fault ${JSON.stringify(kind)}; the kinds are ${faultKinds.join(', ')}`,
    );
  });
}
