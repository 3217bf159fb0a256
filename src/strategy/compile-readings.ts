import { comparatorsOver } from '../eval/comparators-for.ts';
import type { RequestChanges } from '../extraction/request.ts';
import { rulesOf } from '../models/registry.ts';
import type { Strategy } from '../run/ports.ts';
import type { PreparedExtraction, ReadingPlan } from '../run/prepare-extraction.ts';
import type { SingleStageOptions } from '../run/record/single-stage.ts';
import { severalReadings, type Reading } from './several-readings.ts';

/** Prepares the readings that a definition wants of every record. */
export function compileReadings(
  { reading, derived, model, isStreamed, judgeAgain, thoughtTagMarker }: PreparedExtraction,
  stage: SingleStageOptions,
): Strategy {
  const readings = readingsOf(reading);
  const { maxCandidates = Infinity } = model === undefined ? {} : rulesOf(model);
  const { samples } = reading;
  const isApart = samples === undefined || (typeof samples === 'object' && samples.apart === true);
  return severalReadings({
    ...stage,
    readings,
    // A stream is watched for one answer, and a conversation with tools is one of its own.
    inOneCall: !isApart && !isStreamed && stage.tools.length === 0 && readings.length <= maxCandidates,
    thoughtTagMarker,
    comparators: comparatorsOver(derived.outputSchema, reading.evaluate),
    judgeAgain: (answer, { fields, messages }) => judgeAgain(answer, { fields, messages }),
  });
}

function readingsOf({ samples, variants, request }: ReadingPlan): Reading[] {
  if (samples !== undefined) {
    const count = typeof samples === 'number' ? samples : samples.count;
    const seed = request?.seed;
    // The same seed would give the same answer.
    return Array.from({ length: count }, (_, at) =>
      seed === undefined || at === 0 ? {} : { changes: { settings: { seed: seed + at } } },
    );
  }
  return [
    {},
    ...(variants ?? []).map(({ model, instructions, request: settings }): Reading => {
      const changes: RequestChanges = {};
      if (model !== undefined) changes.model = model;
      if (settings !== undefined) changes.settings = settings;
      const reading: Reading = Object.keys(changes).length === 0 ? {} : { changes };
      return instructions === undefined ? reading : { ...reading, instructions };
    }),
  ];
}
