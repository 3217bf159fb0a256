import { Command, CommanderError, Option } from 'commander';
import { version } from '../packages/version.ts';
import { defineCommands, type Define } from './define-commands.ts';
import { EXIT_CODES } from './exit-code.ts';
import { ErrorOutput } from './terminal/error-output.ts';
import { flagGroupOf, inGroups } from './flag-groups.ts';
import { exampleOf, helpGroupOf, helpOrderOf } from './help-texts.ts';
import { ExitGuard } from './exit-guard.ts';
import { reportErrors } from './report-errors.ts';
import { checkVariables } from './settings/check-variables.ts';
import { parseSwitch, type Flag } from './settings/flag.ts';
import { profileFlag } from './settings/flags/before-flags.ts';
import { debugFlag } from './settings/flags/run-flags.ts';
import { hasProjectFile } from './settings/has-project-file.ts';
import type { ProjectDefaults } from './settings/project-defaults.ts';
import { resolveSettings, type Environment } from './settings/settings.ts';
import { paintFor } from './terminal/colour.ts';
import { processTerminal, type Terminal } from './terminal/terminal.ts';

/** Runs one command line as this process, which then ends with its exit code, whatever the code of definitions does. */
export async function runProcess(argv: readonly string[]): Promise<void> {
  const terminal = processTerminal();
  const guard = new ExitGuard({
    errors: new ErrorOutput(terminal.stderr, {
      isJson: wantsJsonLogs(argv, terminal.environment),
      runId: terminal.runId,
      paint: paintFor(terminal.stderr, terminal.environment),
    }),
    isDebug: argv.includes('--debug'),
    stdoutFailure: () => terminal.stdoutFailure(),
  });
  terminal.onRunBegin = () => guard.runBegins();
  terminal.endNow = (exitCode) => guard.endNow(exitCode);
  guard.release(await main(argv, terminal));
}

/**
 * Runs one command line and returns its exit code. Commands are loaded when they are called, so that help and mistakes answer at once.
 */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  let exitCode: number = EXIT_CODES.ok;
  // Once records are at work, what an error says may quote them.
  let hasBegun = false;
  const { onRunBegin } = terminal;
  terminal.onRunBegin = () => {
    hasBegun = true;
    onRunBegin?.();
  };
  const errors = new ErrorOutput(terminal.stderr, {
    isJson: wantsJsonLogs(argv, terminal.environment),
    runId: terminal.runId,
    paint: paintFor(terminal.stderr, terminal.environment),
  });
  const program = new Command('gleaner')
    .description('Turn files of records into validated, structured data with Gemini, and prove what it cost.')
    .version(version(), '-v, --version', 'say the version')
    .addOption(new Option('-V').hideHelp())
    .on('option:V', () => {
      terminal.stdout.write(`${version()}\n`);
      throw new CommanderError(EXIT_CODES.ok, 'commander.version', version());
    })
    // With their operands the names would leave no room for what they do.
    .configureHelp({ subcommandTerm: (command) => command.name() })
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void terminal.stdout.write(text),
      writeErr: (text) => void terminal.stderr.write(text),
      outputError: (text) => errors.usage(text, argv),
      getOutHelpWidth: () => terminal.stdout.columns ?? NARROW,
      getErrHelpWidth: () => terminal.stderr.columns ?? NARROW,
    })
    .addHelpText(
      'after',
      '\nEvery flag can be set by an environment variable, --max-attempts by\nGLEANER_MAX_ATTEMPTS, and in gleaner.config.ts. Pages: docs/ in the package.',
    );

  const define: Define = (parent, name, flags, load) => {
    const command = parent.command(name);
    const path = nameOf(command);
    const example = exampleOf(path);
    if (example !== undefined) command.addHelpText('after', `\nExample: ${example}`);
    for (const flag of inGroups(flags)) {
      const heading = flagGroupOf(flag.name, flags);
      command.addOption(heading === undefined ? toOption(flag) : toOption(flag).helpGroup(heading));
    }
    if (!flags.some(({ name }) => name === profileFlag.name)) command.addOption(toOption(profileFlag));
    return command.action(async () => {
      checkVariables(terminal.environment);
      const defaults = await defaultsOf(path, flags, command, terminal.environment);
      const settings = resolveSettings(flags, command.opts(), terminal.environment, defaults);
      const isDebug = resolveSettings([debugFlag], command.opts(), terminal.environment).isOn('debug');
      const action = await load();
      const run = (): Promise<number> => action(command.args, settings, terminal);
      const hasFlag = (wanted: string): boolean => flags.some((flag) => flag.name === wanted);
      exitCode = await reportErrors(errors, { isDebug, hasBegun: () => hasBegun, hasFlag }, run);
    });
  };

  defineCommands(program, define);
  // Commander lists groups in the order of their first commands.
  (program.commands as Command[]).sort((left, right) => helpOrderOf(left.name()) - helpOrderOf(right.name()));
  for (const command of program.commands) {
    const group = helpGroupOf(command.name());
    if (group !== undefined) command.helpGroup(group);
  }

  try {
    await program.parseAsync(argv, { from: 'user' });
    return exitCode;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.refused;
    return reportErrors(errors, { isDebug: argv.includes('--debug') }, () => Promise.reject(error));
  }
}

/** Where the width of the terminal is not known. */
const NARROW = 80;

/** The command with those above it, such as `schema check`. */
function nameOf(command: Command): string {
  const { parent } = command;
  return parent?.parent == null ? command.name() : `${nameOf(parent)} ${command.name()}`;
}

/** What the project file says for a command; the code that reads one is loaded only where there is one, or a profile is asked for. */
async function defaultsOf(
  name: string,
  flags: readonly Flag[],
  command: Command,
  environment: Environment,
): Promise<ProjectDefaults | undefined> {
  const profile = resolveSettings([profileFlag], command.opts(), environment).text('profile');
  if (name === 'config' || (profile === undefined && !hasProjectFile(process.cwd()))) return undefined;
  const { readProjectFile } = await import('./settings/project-file.ts');
  const { projectDefaults } = await import('./settings/project-defaults.ts');
  const takesDefinition = command.registeredArguments[0]?.name() === 'definition';
  const definition = takesDefinition ? command.args[0] : undefined;
  return projectDefaults(await readProjectFile(process.cwd()), { command: name, flags, definition, profile });
}

function toOption(flag: Flag): Option {
  const { name, short, argument, description, defaultText, parse } = flag;
  const text = defaultText === undefined ? description : `${description} (default: ${defaultText})`;
  const long = argument === undefined ? `--${name}` : `--${name} ${argument}`;
  const option = new Option(short === undefined ? long : `-${short}, ${long}`, text);
  return parse === undefined ? option : option.argParser(parse);
}

/** Read apart from the other settings, because errors may come before or instead of those. */
function wantsJsonLogs(argv: readonly string[], environment: Environment): boolean {
  if (argv.includes('--json-logs')) return true;
  try {
    return parseSwitch(environment['GLEANER_JSON_LOGS'] ?? '0');
  } catch {
    return false;
  }
}
