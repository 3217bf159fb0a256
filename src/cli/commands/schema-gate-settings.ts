import { readFile } from 'node:fs/promises';
import { posix } from 'node:path';
import { formerPlaces, readGitFiles } from '../../evolution/check/former-places.ts';
import type { ReaderModel } from '../../evolution/engine/reader-model.ts';
import type { comparingFlags, readerFlag } from '../settings/flags/schema-flags.ts';
import { PROJECT_FILES, projectFilesIn } from '../settings/has-project-file.ts';
import type { Settings } from '../settings/settings.ts';
import { snapshotsFolder } from './schema-candidates.ts';

/** How strict a check is, and where it looks. */
export interface GateSettings {
  /** The folder of the snapshots, relative to the working directory. */
  readonly place: string;
  /** Other folders that held snapshots at the baseline. */
  readonly formerPlaces: readonly string[];
  readonly reader: ReaderModel;
  readonly unseen: 'note' | 'fail';
  readonly isTransitive: boolean;
  /** Whether the project file of the baseline demanded that definitions are locked, and was edited since. */
  readonly isLockDemanded: boolean;
  /** What was not taken from the project file, as sentences. */
  readonly remarks: readonly string[];
}

/**
 * The settings of a check. Against git, what the project file says is held against what it said at the baseline: whoever edits it
 * may ask for more than before, and not for less. It is code, so the one of the baseline is searched, and never run.
 */
export async function gateSettings(settings: Settings<typeof comparingFlags>, against: string): Promise<GateSettings> {
  const place = snapshotsFolder(settings);
  const asked = {
    place,
    formerPlaces: [],
    reader: readerOf(settings),
    unseen: settings.text('unseen') === 'fail' ? 'fail' : 'note',
    isTransitive: settings.isOn('transitive'),
    isLockDemanded: false,
    remarks: [],
  } as const;
  if (!against.startsWith('git:')) return asked;
  const cwd = process.cwd();
  const before = [...(await readGitFiles(against, cwd, PROJECT_FILES)).values()].join('\n');
  const now = (await Promise.all(projectFilesIn(cwd).map((name) => readFile(name, 'utf8')))).join('\n');
  if (before === '' && now === '') return asked;
  const isPlaceGiven = settings.text('snapshots') !== undefined && !settings.isOfProject('snapshots');
  const places = isPlaceGiven ? [] : await formerPlaces(against, cwd, before);
  return {
    ...(before.replaceAll('\r\n', '\n') === now.replaceAll('\r\n', '\n') ? asked : strictest(settings, asked, before)),
    formerPlaces: places.filter((other) => other !== posix.normalize(place.replaceAll('\\', '/'))),
  };
}

/** The settings with what an edited project file lowers as it was. */
function strictest(settings: Settings<typeof comparingFlags>, asked: GateSettings, before: string): GateSettings {
  const remarks: string[] = [];
  function keep(name: string, value: string): void {
    remarks.push(
      `The project file was edited and asks for less than at the baseline: ${name} is ${value} here, as it was; give --${name} to the command where it is to be another`,
    );
  }
  let { reader, unseen, isTransitive } = asked;
  if (reader === 'zod' && settings.isOfProject('reader') && !says(before, 'reader', `['"\`]zod`)) {
    reader = 'validator';
    keep('reader', reader);
  }
  const isUnseenGiven = settings.text('unseen') !== undefined && !settings.isOfProject('unseen');
  if (unseen !== 'fail' && !isUnseenGiven && says(before, 'unseen', `['"\`]fail`)) {
    unseen = 'fail';
    keep('unseen', unseen);
  }
  if (!isTransitive && says(before, 'transitive', 'true')) {
    isTransitive = true;
    keep('transitive', 'on');
  }
  const isLockDemanded = says(before, 'locked', 'true');
  return { ...asked, reader, unseen, isTransitive, isLockDemanded, remarks };
}

function says(text: string, name: string, value: string): boolean {
  return new RegExp(`\\b${name}['"]?\\s*:\\s*${value}\\b`).test(text);
}

export function readerOf(settings: Settings<readonly [typeof readerFlag]>): ReaderModel {
  return settings.text('reader') === 'zod' ? 'zod' : 'validator';
}
