import { loadDefinition } from '../../extraction/load-definition.ts';
import { deriveSchema } from '../../schema/derive.ts';
import type { SchemaLoss } from '../../json-schema/schema-loss.ts';
import type { schemaShowFlags } from '../settings/flags/schema-flags.ts';
import type { Settings } from '../settings/settings.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { counted } from '../../text/counted.ts';

/** `gleaner schema show <definition>`: the schemas go to stdout as JSON, the loss report to stderr in words. */
export async function schemaShowCommand(
  [definition = '']: readonly string[],
  settings: Settings<typeof schemaShowFlags>,
  terminal: Terminal,
): Promise<number> {
  const { extraction } = await loadDefinition(definition);
  const { schema, outputSchema, provider, losses, warnings } = await deriveSchema(extraction.schema);
  const shown = settings.isOn('provider') ? provider : { schema, outputSchema, provider, losses, warnings };
  terminal.stdout.write(`${JSON.stringify(shown, null, 2)}\n`);
  terminal.stderr.write(`${lossReport(extraction.name, losses, warnings)}\n`);
  return 0;
}

function lossReport(name: string, losses: readonly SchemaLoss[], warnings: readonly string[]): string {
  const lines =
    losses.length === 0
      ? [`${name}: the service is sent everything the schema says`]
      : [
          `${name}: ${counted(losses.length, 'thing')} the service cannot be told in the schema`,
          ...losses.map(
            ({ path, keyword, detail, enforcedLocally }) =>
              `  ${path === '' ? '/' : path}  ${keyword}: ${detail}${enforcedLocally ? '; answers are still checked for it' : ''}`,
          ),
        ];
  return [...lines, ...warnings.map((warning) => `  warning: ${warning}`)].join('\n');
}
