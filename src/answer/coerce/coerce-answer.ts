import type { JsonObject, JsonValue } from '../../json/value.ts';
import { SchemaView } from '../schema-view.ts';
import { coerceToList } from './coerce-list.ts';
import { coerceToObject } from './coerce-object.ts';
import { coerceScalar } from './coerce-scalar.ts';
import type { Coerced } from './coercion.ts';
import { membersOf } from './fits-scalar.ts';
import { isText, NO_LAYERS, onlyOne, unchanged, type Coercing, type Place } from './place.ts';
import { takeSingle, unwrapProperty } from './unwrap.ts';

/** Bounds the work on answers that branch without end; what ordinary ones take is thousands of times less. */
const MAX_STEPS = 200_000;

/**
 * Makes a value fit a schema where only its form keeps it from that: a number written as text, a member of a closed set in other
 * case, an object within another. Acts only where the value does not fit, where exactly one reading exists, and where nothing that
 * the model wrote is lost but notation. Undefined where the value fits as it is, or cannot be made to.
 */
export function coerceAnswer(value: JsonValue, schema: JsonObject): Coerced | undefined {
  let coerced: Coerced | undefined;
  try {
    coerced = new Coercer(SchemaView.of(schema)).coerce({ value, schema, path: '', layers: NO_LAYERS });
  } catch (error) {
    if (error instanceof TooMuchWork || error instanceof RangeError) return undefined;
    throw error;
  }
  return coerced === undefined || coerced.coercions.length === 0 ? undefined : coerced;
}

class TooMuchWork extends Error {}

class Coercer implements Coercing {
  readonly view: SchemaView;
  #steps = 0;

  constructor(view: SchemaView) {
    this.view = view;
  }

  /** The value as it fits; undefined where it does not. */
  coerce(place: Place): Coerced | undefined {
    this.#steps += 1;
    if (this.#steps > MAX_STEPS) throw new TooMuchWork();
    const branches = this.view.branches(place.schema);
    const allowsText = branches.some((branch) => isText(branch));
    const found: Coerced[] = [];
    for (const schema of branches) {
      const coerced = this.#coerceTo({ ...place, schema }, allowsText);
      if (coerced === undefined) continue;
      if (coerced.coercions.length === 0) return coerced;
      found.push(coerced);
    }
    return onlyOne(found);
  }

  #coerceTo(place: Place, allowsText: boolean): Coerced | undefined {
    const { value, schema, path } = place;
    const { type } = schema;
    if (type === undefined && membersOf(schema) === undefined && schema['properties'] === undefined)
      return unchanged(value);
    if (type === 'object' || (type === undefined && schema['properties'] !== undefined))
      return coerceToObject(place, allowsText, this);
    if (type === 'array') return coerceToList(place, allowsText, this);
    const scalar = isScalar(value) ? coerceScalar(value, schema, { allowsText }) : undefined;
    if (scalar !== undefined)
      return { value: scalar.value, coercions: scalar.rule === undefined ? [] : [{ path, rule: scalar.rule }] };
    return onlyOne([...unwrapProperty(place, this), ...takeSingle(place, this)]);
  }
}

function isScalar(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null;
}
