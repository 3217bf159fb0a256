import type * as JsonRepair from 'jsonrepair';
import { requirePackage } from '../packages/require-package.ts';
import { certifyRepair } from './certify-repair.ts';

/** jsonrepair is quadratic on hostile input (100,000 quotation marks take a second), so longer text is not tried. */
const MAX_REPAIR_LENGTH = 50_000;

export interface MendedJson {
  json: string;
  /** Whether names and words stand in it without quotation marks, so that a text with a comma and a colon reads like members. */
  hasBareMembers: boolean;
}

/**
 * Mends JSON that only its notation keeps from being read, such as trailing commas, single quotes and bare names. jsonrepair
 * goes further: it closes cut-off text, completes numbers, drops backslashes and what it does not understand. So what it
 * gives counts only where it says the same as the text; `certifyRepair` has the list. Undefined otherwise.
 */
export function repairJson(text: string): MendedJson | undefined {
  if (text.length > MAX_REPAIR_LENGTH) return undefined;
  try {
    const { jsonrepair } = requirePackage('jsonrepair') as typeof JsonRepair;
    const json = jsonrepair(text);
    const certificate = certifyRepair(text, json);
    return certificate && { json, hasBareMembers: certificate === 'bare-members' };
  } catch {
    // A JSONRepairError, or a RangeError from its recursion on deep nesting.
    return undefined;
  }
}
