import { canonicalJson } from '../json/canonical.ts';
import type { JsonValue } from '../json/value.ts';
import type { Extraction } from './definition.ts';

/** What of how records are read decides answers beside the rest of the definition; undefined where each is read once, by one call. */
export function strategyIdentity({
  samples,
  variants,
  cascade,
  chunk,
}: Pick<Extraction, 'samples' | 'variants' | 'cascade' | 'chunk'>): JsonValue | undefined {
  if (samples === undefined && variants === undefined && cascade === undefined && chunk === undefined) return undefined;
  const parts = {
    samples: samples === undefined ? undefined : countOf(samples),
    variants,
    cascade: cascade && identityOf(cascade),
    chunk,
  };
  return JSON.parse(canonicalJson(parts)) as JsonValue;
}

function countOf(samples: NonNullable<Extraction['samples']>): number {
  return typeof samples === 'number' ? samples : samples.count;
}

/** Of a calibration, what decides; what was measured of it does not, nor how a threshold is found or watched over. */
function identityOf({
  calibration,
  calibrate: _calibrate,
  keep: _keep,
  drift: _drift,
  ...rest
}: NonNullable<Extraction['cascade']>): object {
  return calibration === undefined ? rest : { ...rest, calibration: calibration.model };
}
