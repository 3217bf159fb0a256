import type { Command } from 'commander';
import type { Flag } from './settings/flag.ts';
import {
  cacheInfoFlags,
  cacheRebuildFlags,
  compareFlags,
  exportFlags,
  inspectFlags,
  reportFlags,
  statusFlags,
} from './settings/flags/after-flags.ts';
import {
  completionFlags,
  configFlags,
  doctorFlags,
  estimateFlags,
  initFlags,
  modelsFlags,
  previewFlags,
} from './settings/flags/before-flags.ts';
import { emulateFlags } from './settings/flags/emulate-flags.ts';
import { mergeFlags, submitFlags, workFlags } from './settings/flags/fleet-flags.ts';
import { applyLabelsFlags, evalFlags, evidenceFlags, reviewFlags } from './settings/flags/quality-flags.ts';
import { callFlags, retryFlags, runFlags } from './settings/flags/run-flags.ts';
import {
  schemaAcceptFlags,
  schemaCheckFlags,
  schemaDiffFlags,
  schemaLockFlags,
  schemaReplayFlags,
  schemaShowFlags,
} from './settings/flags/schema-flags.ts';
import type { Settings } from './settings/settings.ts';
import type { Terminal } from './terminal/terminal.ts';

export type Action<Flags extends readonly Flag[]> = (
  parameters: readonly string[],
  settings: Settings<Flags>,
  terminal: Terminal,
) => Promise<number>;

/** Adds a command below another, whose code is loaded when it is called. */
export type Define = <Flags extends readonly Flag[]>(
  parent: Command,
  name: string,
  flags: Flags,
  load: () => Promise<Action<NoInfer<Flags>>>,
) => Command;

/** Every command: its flags, its arguments, what is said of it, and where its code is. */
export function defineCommands(program: Command, define: Define): void {
  define(program, 'init', initFlags, async () => (await import('./commands/init-command.ts')).initCommand)
    .description('write a first definition for a file of records; it runs with --emulator at once')
    .argument('<data>', 'a file of records');
  define(program, 'run', runFlags, async () => (await import('./commands/run-command.ts')).runCommand)
    .description('extract every record of a file into a run directory; the same command again continues')
    .argument('<definition>', 'a definition file, or a name below schemas/')
    .argument('<input>', 'a .csv, .tsv, .jsonl or .ndjson file, plain or .gz, or - for standard input')
    .addHelpText('after', RUN_HELP);
  define(program, 'retry', retryFlags, async () => (await import('./commands/retry-command.ts')).retryCommand)
    .description('ask again for the rejected records of a run, and merge what comes of it into the run')
    .argument('<run-dir>', 'a run directory');
  const schema = program
    .command('schema')
    .description('look at the JSON Schema of a definition, and at what edits of it break');
  define(
    schema,
    'show',
    schemaShowFlags,
    async () => (await import('./commands/schema-show-command.ts')).schemaShowCommand,
  )
    .description('print the JSON Schema, what the service is sent of it, and what got lost on the way')
    .argument('<definition>', 'a definition file, or a name below schemas/');
  define(program, 'call', callFlags, async () => (await import('./commands/call-command.ts')).callCommand)
    .description('send one request; the whole answer goes to stdout as JSON')
    .addHelpText('after', CALL_HELP);
  define(program, 'export', exportFlags, async () => (await import('./commands/export-command.ts')).exportCommand)
    .description('write the results of a run in input order')
    .argument('<run-dir>', 'a run directory');
  define(program, 'submit', submitFlags, async () => (await import('./commands/submit-command.ts')).submitCommand)
    .description('put the records of a file into a queue, for any number of workers; the same command again continues')
    .argument('<definition>', 'a definition file, or a name below schemas/')
    .argument('<input>', 'a file of records that all workers see');
  define(program, 'work', workFlags, async () => (await import('./commands/work-command.ts')).workCommand)
    .description('take chunks of submitted runs from a queue, and work on them')
    .addHelpText('after', WORK_HELP);
  define(program, 'merge', mergeFlags, async () => (await import('./commands/merge-command.ts')).mergeCommand)
    .description('make one run directory of those of all shards, and check that every record is in it once')
    .argument('<run-dir...>', 'the run directories of all shards')
    .addHelpText('after', MERGE_HELP);
  define(program, 'status', statusFlags, async () => (await import('./commands/status-command.ts')).statusCommand)
    .description('say what a run does now, or a pool of runs, from another terminal')
    .argument('[run-dir]', 'a run directory; none with --pool');
  define(program, 'report', reportFlags, async () => (await import('./commands/report-command.ts')).reportCommand)
    .description('say again what a run did and what it cost')
    .argument('<run-dir>', 'a run directory');
  define(
    program,
    'models',
    modelsFlags,
    async () => (await import('./commands/models-command.ts')).modelsCommand,
  ).description('say what is known of each model: limits, prices, and whether it was shut down');
  define(program, 'preview', previewFlags, async () => (await import('./commands/preview-command.ts')).previewCommand)
    .description('print what would be sent for a record, and what it can cost at most; sends nothing without --send')
    .argument('<definition>', 'a definition file, or a name below schemas/')
    .argument('<input>', 'a file of records');
  define(
    program,
    'estimate',
    estimateFlags,
    async () => (await import('./commands/estimate-command.ts')).estimateCommand,
  )
    .description('say what a run would cost and take; sends nothing without --sample')
    .argument('<definition>', 'a definition file, or a name below schemas/')
    .argument('<input>', 'a file of records');
  define(program, 'inspect', inspectFlags, async () => (await import('./commands/inspect-command.ts')).inspectCommand)
    .description("show one record's life: its calls, its answer, its end")
    .argument('<run-dir>', 'a run directory')
    .argument('<id>', 'the id of a record');
  define(program, 'compare', compareFlags, async () => (await import('./commands/compare-command.ts')).compareCommand)
    .description('say how one run differs from another: records, rejects, cost, and what the fields hold')
    .argument('<before>', 'a run directory, such as that of last night')
    .argument('<after>', 'another one of the same extraction');
  define(program, 'eval', evalFlags, async () => (await import('./commands/eval-command.ts')).evalCommand)
    .description('compare the results of a run with gold: records whose values are known')
    .argument('<run>', 'a run directory, or a file like its results.jsonl; with --models a definition')
    .argument('<gold>', 'a .csv, .tsv or .jsonl file with a row for each record');
  define(
    program,
    'evidence',
    evidenceFlags,
    async () => (await import('./commands/evidence-command.ts')).evidenceCommand,
  )
    .description('find where each value of the results stands in its record; makes no call')
    .argument('<run-dir>', 'a run directory')
    .argument('[input]', 'the input of the run, where it has moved since');
  define(program, 'review', reviewFlags, async () => (await import('./commands/review-command.ts')).reviewCommand)
    .description('look at records beside what was extracted, in the browser, and correct it')
    .argument('<run-dir>', 'a run directory');
  define(
    program,
    'apply-labels',
    applyLabelsFlags,
    async () => (await import('./commands/apply-labels-command.ts')).applyLabelsCommand,
  )
    .description('carry what reviewers said into the results of a run')
    .argument('<run-dir>', 'a run directory');
  const cache = program.command('cache').description('look after the answers that runs share');
  define(
    cache,
    'rebuild',
    cacheRebuildFlags,
    async () => (await import('./commands/cache-command.ts')).cacheRebuildCommand,
  )
    .description('fill a cache from the results of runs')
    .argument('<run-dir...>', 'run directories; of two answers to the same, the later directory decides');
  define(cache, 'info', cacheInfoFlags, async () => (await import('./commands/cache-command.ts')).cacheInfoCommand)
    .description('read every answer of a cache and say how many there are')
    .argument('<file>', 'a cache file');
  define(
    schema,
    'lock',
    schemaLockFlags,
    async () => (await import('./commands/schema-lock-command.ts')).schemaLockCommand,
  )
    .description('write the next snapshot of each definition that changed, to be committed')
    .argument('[definition...]', 'definition files, or names below schemas/; all of them by default');
  define(
    schema,
    'check',
    schemaCheckFlags,
    async () => (await import('./commands/schema-check-command.ts')).schemaCheckCommand,
  )
    .description('say whether stored results stay readable, with a document that proves it if not')
    .argument('[definition...]', 'definition files, or names below schemas/; all of them by default')
    .addHelpText('after', SCHEMA_HELP);
  define(
    schema,
    'diff',
    schemaDiffFlags,
    async () => (await import('./commands/schema-diff-command.ts')).schemaDiffCommand,
  )
    .description('compare two schemas')
    .argument('<old>', 'a definition, a snapshot or a JSON Schema file')
    .argument('<new>', 'a definition, a snapshot or a JSON Schema file')
    .addHelpText('after', SCHEMA_HELP);
  define(
    schema,
    'accept',
    schemaAcceptFlags,
    async () => (await import('./commands/schema-accept-command.ts')).schemaAcceptCommand,
  )
    .description('write down that a break is wanted, to be committed; it holds between these two schemas only')
    .argument('<definition>', 'a definition file, or a name below schemas/');
  define(
    schema,
    'replay',
    schemaReplayFlags,
    async () => (await import('./commands/schema-replay-command.ts')).schemaReplayCommand,
  )
    .description('validate stored results with a definition as it stands')
    .argument('<definition>', 'a definition file, or a name below schemas/')
    .argument('<results...>', 'results.jsonl files, plain or .gz, or run directories')
    .addHelpText('after', '\nExit codes: 0 all results are valid, 1 some are not, 2 could not run.');
  define(program, 'config', configFlags, async () => (await import('./commands/config-command.ts')).configCommand)
    .description('say which settings hold here, and where each comes from')
    .argument('[command]', 'all settings of this command, defaults too')
    .argument('[definition]', 'with what the project file says for this definition');
  define(program, 'doctor', doctorFlags, async () => (await import('./commands/doctor-command.ts')).doctorCommand)
    .description('check what a run rests on: credentials, network, clock, disk, definitions, models')
    .argument('[definition]', 'a definition file, or a name below schemas/; all of them by default');
  define(
    program,
    'emulate',
    emulateFlags,
    async () => (await import('./commands/emulate-command.ts')).emulateCommand,
  ).description('serve a local double of the API, for trying and testing');

  define(program, 'completion', completionFlags, async () => {
    const { completionCommand } = await import('./commands/completion-command.ts');
    return ([shell = ''], _settings, here) => completionCommand(shell, program, here);
  })
    .description('print what completes command lines in a shell')
    .argument('<shell>', 'bash, zsh or fish');
}

const RUN_HELP = `
Exit codes:
  0         all records extracted, or rejects within --max-reject-rate
  1         more rejects than that, or fewer records than --min-records
  2         could not run
  3         stopped before the end: repeat the command
  4         a cap is used up: the same command continues only with a higher one
  130, 143  interrupted; the same command continues`;

const WORK_HELP = `
Exit codes:
  0         nothing is left (--until-empty), all runs ended well
  1         a run has more rejects than allowed
  2         this machine cannot work on what is left
  3         stopped before the end: repeat the command
  4         a cap is used up: submit again with a higher one
  130, 143  interrupted; others go on with what is left`;
const MERGE_HELP = `
Exit codes:
  0         merged; all records extracted, or rejects within --max-reject-rate
  1         merged; more rejects than that, or fewer records than --min-records
  2         could not merge: shards missing, not finished, or of different runs`;

const CALL_HELP = `
Exit codes:
  0         answered
  2         refused by gleaner, or by the service with a 4xx status
  3         any other failure
  130, 143  interrupted`;

const SCHEMA_HELP = `
Exit codes:
  0         compatible, accepted or new
  1         breaking or undecided
  2         could not run`;
