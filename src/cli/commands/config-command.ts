import { GleanerError } from '../../gleaner-error.ts';
import { nearestName } from '../../text/nearest-name.ts';
import { visible } from '../../text/visible.ts';
import { EXIT_CODES } from '../exit-code.ts';
import { type configFlags } from '../settings/flags/before-flags.ts';
import { flagsByCommand } from '../settings/flags/flags-by-command.ts';
import { readProjectFile } from '../settings/project-file.ts';
import { projectDefaults } from '../settings/project-defaults.ts';
import { showValue } from '../settings/show-value.ts';
import type { Settings } from '../settings/settings.ts';
import { settleValues } from '../settings/settle-values.ts';
import type { Terminal } from '../terminal/terminal.ts';

/** One setting of a command, and where it comes from: `default` where nothing says it. */
interface ShownSetting {
  command: string;
  flag: string;
  value: string | number | boolean | null;
  from: string;
}

/** `gleaner config [command] [definition]`: what holds here, and why. Without a command, all that is not a default. */
export async function configCommand(
  [command, definition]: readonly string[],
  settings: Settings<typeof configFlags>,
  terminal: Terminal,
): Promise<number> {
  const commands = command === undefined ? Object.keys(flagsByCommand) : [knownCommand(command)];
  const profile = settings.text('profile');
  const file = await readProjectFile(process.cwd());
  const shown = commands.flatMap((name) => {
    const flags = flagsByCommand[name] ?? [];
    const defaults = projectDefaults(file, { command: name, flags, definition, profile });
    const settled = settleValues(flags, { parsed: {}, environment: terminal.environment, defaults });
    return flags.flatMap((flag): ShownSetting[] => {
      const setting = settled.get(flag.name);
      if (setting !== undefined)
        return [{ command: name, flag: flag.name, value: showValue(setting.value), from: setting.origin }];
      if (command === undefined) return [];
      return [{ command: name, flag: flag.name, value: flag.defaultText ?? null, from: 'default' }];
    });
  });
  if (settings.isOn('json')) {
    const found = {
      file: file?.name ?? null,
      profile: profile ?? null,
      profiles: [...(file?.project.profiles.keys() ?? [])],
      settings: shown,
    };
    terminal.stdout.write(`${JSON.stringify(found, null, 2)}\n`);
  } else terminal.stdout.write(`${visible(configText(shown, file?.name, command === undefined))}\n`);
  return EXIT_CODES.ok;
}

function knownCommand(command: string): string {
  if (Object.hasOwn(flagsByCommand, command)) return command;
  const nearest = nearestName(command, Object.keys(flagsByCommand));
  const hint = nearest === undefined ? 'gleaner --help lists them' : `did you mean ${nearest}?`;
  throw new GleanerError(
    'usage',
    `Cannot show the settings of ${JSON.stringify(command)}: there is no such command; ${hint}`,
  );
}

function configText(shown: readonly ShownSetting[], file: string | undefined, isAll: boolean): string {
  const head =
    file === undefined ? 'There is no project file here, such as gleaner.config.ts' : `The project file is ${file}`;
  if (shown.length === 0) return `${head}; no setting differs from its default`;
  const rows = shown.map(({ command, flag, value, from }) => [
    `${isAll ? `${command} ` : ''}--${flag}`,
    value === null ? '' : String(value),
    from,
  ]);
  const widths = [0, 1].map((column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return [
    head,
    ...rows.map(
      ([name = '', value = '', from = '']) =>
        `${name.padEnd(widths[0] ?? 0)}  ${value.padEnd(widths[1] ?? 0)}  ${from}`,
    ),
  ].join('\n');
}
