import { boundOf } from '../accounting/call-bound.ts';
import type { PriceRowInput } from '../accounting/price-file.ts';
import { toUsd } from '../accounting/price-of.ts';
import { Prices } from '../accounting/prices.ts';
import type { CompletionClient } from '../completion/client.ts';
import type { ChatRequest } from '../completion/request.ts';
import type { Extraction } from '../extraction/definition.ts';
import { GleanerError } from '../gleaner-error.ts';
import type { JsonObject } from '../json/value.ts';
import { roughTokenCount, TokenEstimate } from '../pacing/token-estimate.ts';
import { openRecords, type OpenRecordsOptions } from '../records/open-records.ts';
import type { SourceRow } from '../records/record.ts';
import { prepareExtraction, type PreparedExtraction } from '../run/prepare-extraction.ts';
import { inlineParts } from '../run/record/inline-parts.ts';
import { mediaRootOf } from '../run/record/media-root.ts';
import { chooseRows, type Choice } from './choose-rows.ts';

export interface PreviewOptions {
  input: string;
  /** Default: the first record. */
  choice?: Choice;
  /** Says whose requests these are; nothing is sent. */
  client: Pick<CompletionClient, 'service' | 'identify' | 'additions'>;
  model?: string | null;
  idField?: string;
  mediaRoot?: string;
  prices?: readonly PriceRowInput[];
  reading?: OpenRecordsOptions;
}

/** What would be sent for one record. */
export interface RecordPreview {
  id: string | null;
  index: number;
  line: number;
  /** Why nothing would be sent for it; undefined where something would. */
  problem?: string;
  /** The body of the request. */
  request?: ChatRequest;
  /** About how many tokens the prompt has, its schema included. */
  promptTokens?: number;
  /** The most that one call can be billed; `usd` is null where the price is not known. */
  atMost?: { tokens: number; usd: number | null };
  /** The record as it stands in the input. */
  fields?: JsonObject;
}

/**
 * Makes the requests of some records of an input, and sends nothing.
 *
 * @throws {GleanerError} when the definition does not fit the input, the input cannot be read, or no record is the one that was chosen
 */
export async function previewRecords(extraction: Extraction, options: PreviewOptions): Promise<RecordPreview[]> {
  const { input, choice = { kind: 'first' }, client } = options;
  const prepared = await prepareExtraction(extraction, options);
  const { model } = prepared;
  const prices = new Prices({ own: options.prices, model, trafficTypes: client.additions?.trafficTypes });
  const source = await openRecords(input, options.reading);
  const refusal = source.columns && prepared.checkColumns(source.columns);
  if (refusal !== undefined) throw new GleanerError('run-differs', refusal);
  const rows = await chooseRows(source, choice, (row) => idOf(row, prepared) ?? undefined);
  if (rows.length === 0) throw new GleanerError('input-unreadable', `Cannot preview ${input}: ${nothingFound(choice)}`);
  const root = mediaRootOf(options.mediaRoot, input);
  return Promise.all(rows.map((row) => previewRow(row, { prepared, prices, root, client })));
}

interface Surroundings {
  prepared: PreparedExtraction;
  prices: Prices;
  root: string;
  client: PreviewOptions['client'];
}

async function previewRow(row: SourceRow, { prepared, prices, root, client }: Surroundings): Promise<RecordPreview> {
  const { index, line } = row;
  if (row.kind === 'unreadable') return { id: null, index, line, problem: row.message };
  const place = { id: idOf(row, prepared), index, line, fields: row.fields };
  const id = prepared.recordId(row.fields, index);
  if (!id.ok) return { ...place, problem: id.message };
  const rendered = prepared.prompt.render(row.fields);
  if (!rendered.ok) return { ...place, problem: rendered.message };
  let messages;
  try {
    messages = await inlineParts(rendered.messages, root);
  } catch (error) {
    if (error instanceof GleanerError) return { ...place, problem: error.message };
    throw error;
  }
  const request = prepared.buildRequest(messages);
  const bound = boundOf(request, client.additions);
  const worst = prices.worstCost(bound);
  return {
    ...place,
    request,
    promptTokens: promptTokensOf(request),
    atMost: { tokens: bound.promptTokens + bound.outputTokens, usd: worst === undefined ? null : toUsd(worst) },
  };
}

function idOf(row: SourceRow, { recordId }: PreparedExtraction): string | null {
  if (row.kind === 'unreadable') return null;
  const id = recordId(row.fields, row.index);
  return id.ok ? id.id : null;
}

function promptTokensOf({ messages, response_format: format, tools }: ChatRequest): number {
  const settings = [format, tools].filter((setting) => setting !== undefined);
  const rough = new TokenEstimate().roughPrompt(messages);
  return Math.ceil(settings.reduce((sum, setting) => sum + roughTokenCount(JSON.stringify(setting)), rough));
}

function nothingFound(choice: Choice): string {
  switch (choice.kind) {
    case 'id':
      return 'no record has that id';
    case 'line':
      return `no record begins on line ${choice.line}; give the line of the file, the header being the first`;
    case 'first':
    case 'sample':
      return 'it holds no records';
    default:
      return choice satisfies never;
  }
}
