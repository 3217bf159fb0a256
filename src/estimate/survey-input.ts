import type { RecordTask } from '../run/ports.ts';
import type { PreparedExtraction } from '../run/prepare-extraction.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import { roughTokenCount, TokenEstimate } from '../pacing/token-estimate.ts';
import { openRecords, type OpenRecordsOptions } from '../records/open-records.ts';
import { Reservoir } from '../records/reservoir.ts';
import { HashedIdSet } from '../store/hashed-id-set.ts';

export interface SurveyOptions {
  input: string;
  reading: OpenRecordsOptions | undefined;
  limit: number | undefined;
  /** Says whether a record needs no call, since its answer is there; undefined where there are none. */
  carriesOver: ((task: RecordTask) => Promise<boolean>) | undefined;
  /** Whether another run has had a record of this id; undefined where there is none to compare with. */
  wasThere: ((id: string) => boolean) | undefined;
  /** Records to take at random among those that are to be asked for. */
  sample: number;
  seed: number | undefined;
}

/** A record of the sample. */
export interface SampledRecord {
  index: number;
  fields: JsonObject;
  roughPrompt: number;
}

/** What a run over an input would find there. */
export interface Survey {
  read: number;
  /** Rows that would be rejected without a call: they cannot be read, or have no id, a second one, or no prompt. */
  unusable: number;
  carriedOver: number;
  toAsk: number;
  /** Of those to ask for, the ones that the other run had under the same id. */
  changed: number;
  /** Rough tokens of all prompts to be sent, with the schema and tools. */
  roughPrompt: number;
  /** Rough tokens of the part that is the same in each prompt and stands at its beginning. */
  fixedPrompt: number;
  /** In input order. */
  sample: SampledRecord[];
}

/**
 * Reads the whole input once, as a run would, and sends nothing.
 *
 * @throws {GleanerError} when the definition does not fit the input, or it cannot be read
 */
export async function surveyInput(prepared: PreparedExtraction, options: SurveyOptions): Promise<Survey> {
  const { input, reading, carriesOver, wasThere, limit = Infinity } = options;
  const source = await openRecords(input, reading);
  const refusal = source.columns && prepared.checkColumns(source.columns);
  if (refusal !== undefined) throw new GleanerError('run-differs', refusal);

  const survey: Survey = {
    read: 0,
    unusable: 0,
    carriedOver: 0,
    toAsk: 0,
    changed: 0,
    roughPrompt: 0,
    fixedPrompt: 0,
    sample: [],
  };
  const sample = new Reservoir<SampledRecord>(options.sample, options.seed);
  const estimate = new TokenEstimate();
  const ids = new HashedIdSet();
  let settings: number | undefined;
  for await (const row of source) {
    if (survey.read >= limit) break;
    survey.read += 1;
    const id = row.kind === 'record' ? prepared.recordId(row.fields, row.index) : undefined;
    const rendered = row.kind === 'record' && id?.ok === true ? prepared.prompt.render(row.fields) : undefined;
    if (row.kind !== 'record' || id?.ok !== true || rendered?.ok !== true || !ids.add(id.id)) {
      survey.unusable += 1;
      continue;
    }
    const { messages } = rendered;
    const task = (): RecordTask => ({
      id: id.id,
      index: row.index,
      fields: row.fields,
      messages,
      fingerprint: prepared.fingerprint(messages),
    });
    if ((await carriesOver?.(task())) === true) {
      survey.carriedOver += 1;
      continue;
    }
    if (settings === undefined) {
      settings = settingsTokens(prepared.buildRequest(messages));
      survey.fixedPrompt = settings + roughTokenCount(prepared.reading.instructions);
    }
    const roughPrompt = estimate.roughPrompt(messages) + settings;
    survey.toAsk += 1;
    survey.roughPrompt += roughPrompt;
    if (wasThere?.(id.id) === true) survey.changed += 1;
    if (options.sample > 0) sample.add({ index: row.index, fields: row.fields, roughPrompt });
  }
  survey.sample = sample.items.sort((left, right) => left.index - right.index);
  return survey;
}

function settingsTokens({ response_format: format, tools }: ReturnType<PreparedExtraction['buildRequest']>): number {
  const settings = [format, tools].filter((setting) => setting !== undefined);
  return settings.reduce((sum, setting) => sum + roughTokenCount(JSON.stringify(setting)), 0);
}
