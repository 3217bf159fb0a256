import { z } from 'zod/v4';
import type { JsonObject } from '../../json/value.ts';
import { scenarioRules } from './scenario-rules.ts';

/** JSON Schema (draft 2020-12) of scenario files: the emulator's options, as data. */
export const scenarioSchema: JsonObject = z.toJSONSchema(scenarioRules, { io: 'input' }) as JsonObject;
