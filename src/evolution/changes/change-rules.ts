/** A way of looking at a change: `backward` is about yesterday's documents, `forward` about yesterday's readers. */
export type ChangeDirection = 'backward' | 'forward';

interface RuleDescription {
  /** The directions that such a change can break; `null` where it depends on whether the object is open or closed. */
  readonly affects: readonly ChangeDirection[] | null;
  readonly text: string;
}

const NARROWS = ['backward'] as const;
const WIDENS = ['forward'] as const;
const BOTH = ['backward', 'forward'] as const;
const NEITHER = [] as const;

/** Every rule id there is. Ids are part of committed acceptances: add rules, never rename one. */
export const changeRules = {
  'additional-properties-changed': { affects: BOTH, text: 'what other properties may hold became something else' },
  'additional-properties-closed': { affects: NARROWS, text: 'other properties are no longer allowed' },
  'additional-properties-opened': { affects: WIDENS, text: 'other properties are now allowed' },
  'default-changed': { affects: NEITHER, text: 'the default value changed' },
  'description-changed': { affects: NEITHER, text: 'the description changed, and with it what the model is told' },
  'enum-added': { affects: NARROWS, text: 'only listed values are allowed now' },
  'enum-removed': { affects: WIDENS, text: 'values are no longer restricted to a list' },
  'enum-value-added': { affects: WIDENS, text: 'a value was added to the list' },
  'enum-value-removed': { affects: NARROWS, text: 'a value was removed from the list' },
  'examples-changed': { affects: NEITHER, text: 'the examples changed, and with them what the model is told' },
  'exclusive-maximum-added': { affects: NARROWS, text: 'an exclusive maximum was added' },
  'exclusive-maximum-lowered': { affects: NARROWS, text: 'the exclusive maximum is lower' },
  'exclusive-maximum-raised': { affects: WIDENS, text: 'the exclusive maximum is higher' },
  'exclusive-maximum-removed': { affects: WIDENS, text: 'the exclusive maximum is gone' },
  'exclusive-minimum-added': { affects: NARROWS, text: 'an exclusive minimum was added' },
  'exclusive-minimum-lowered': { affects: WIDENS, text: 'the exclusive minimum is lower' },
  'exclusive-minimum-raised': { affects: NARROWS, text: 'the exclusive minimum is higher' },
  'exclusive-minimum-removed': { affects: WIDENS, text: 'the exclusive minimum is gone' },
  'format-added': { affects: NARROWS, text: 'a format was added' },
  'format-changed': { affects: BOTH, text: 'the format became another' },
  'format-removed': { affects: WIDENS, text: 'the format is gone' },
  'items-added': { affects: NARROWS, text: 'what items may be is now restricted' },
  'items-removed': { affects: WIDENS, text: 'what items may be is no longer restricted' },
  'keyword-changed': { affects: BOTH, text: 'a keyword changed that is not compared in detail' },
  'max-items-added': { affects: NARROWS, text: 'a largest number of items was added' },
  'max-items-lowered': { affects: NARROWS, text: 'fewer items are allowed' },
  'max-items-raised': { affects: WIDENS, text: 'more items are allowed' },
  'max-items-removed': { affects: WIDENS, text: 'the largest number of items is gone' },
  'max-length-added': { affects: NARROWS, text: 'a greatest length was added' },
  'max-length-lowered': { affects: NARROWS, text: 'the greatest length is lower' },
  'max-length-raised': { affects: WIDENS, text: 'the greatest length is higher' },
  'max-length-removed': { affects: WIDENS, text: 'the greatest length is gone' },
  'max-properties-added': { affects: NARROWS, text: 'a largest number of properties was added' },
  'max-properties-lowered': { affects: NARROWS, text: 'fewer properties are allowed' },
  'max-properties-raised': { affects: WIDENS, text: 'more properties are allowed' },
  'max-properties-removed': { affects: WIDENS, text: 'the largest number of properties is gone' },
  'maximum-added': { affects: NARROWS, text: 'a maximum was added' },
  'maximum-lowered': { affects: NARROWS, text: 'the maximum is lower' },
  'maximum-raised': { affects: WIDENS, text: 'the maximum is higher' },
  'maximum-removed': { affects: WIDENS, text: 'the maximum is gone' },
  'min-items-added': { affects: NARROWS, text: 'a smallest number of items was added' },
  'min-items-lowered': { affects: WIDENS, text: 'fewer items suffice' },
  'min-items-raised': { affects: NARROWS, text: 'more items are needed' },
  'min-items-removed': { affects: WIDENS, text: 'the smallest number of items is gone' },
  'min-length-added': { affects: NARROWS, text: 'a least length was added' },
  'min-length-lowered': { affects: WIDENS, text: 'the least length is lower' },
  'min-length-raised': { affects: NARROWS, text: 'the least length is higher' },
  'min-length-removed': { affects: WIDENS, text: 'the least length is gone' },
  'min-properties-added': { affects: NARROWS, text: 'a smallest number of properties was added' },
  'min-properties-lowered': { affects: WIDENS, text: 'fewer properties suffice' },
  'min-properties-raised': { affects: NARROWS, text: 'more properties are needed' },
  'min-properties-removed': { affects: WIDENS, text: 'the smallest number of properties is gone' },
  'minimum-added': { affects: NARROWS, text: 'a minimum was added' },
  'minimum-lowered': { affects: WIDENS, text: 'the minimum is lower' },
  'minimum-raised': { affects: NARROWS, text: 'the minimum is higher' },
  'minimum-removed': { affects: WIDENS, text: 'the minimum is gone' },
  'multiple-of-added': { affects: NARROWS, text: 'numbers must now be multiples' },
  'multiple-of-changed': { affects: BOTH, text: 'numbers must be multiples of something else' },
  'multiple-of-removed': { affects: WIDENS, text: 'numbers need no longer be multiples' },
  'not-compared': { affects: BOTH, text: 'the budget was used up here; what is here and after it was not compared' },
  'pattern-added': { affects: NARROWS, text: 'a pattern was added' },
  'pattern-changed': { affects: BOTH, text: 'the pattern became another' },
  'pattern-removed': { affects: WIDENS, text: 'the pattern is gone' },
  'property-added': { affects: null, text: 'an optional property was added' },
  'property-became-optional': { affects: WIDENS, text: 'a property need no longer be there' },
  'property-became-required': { affects: NARROWS, text: 'a property must now be there' },
  'property-removed': { affects: null, text: 'an optional property was removed' },
  'required-property-added': { affects: null, text: 'a property that must be there was added' },
  'required-property-removed': { affects: null, text: 'a property that had to be there was removed' },
  'schema-forbidden': { affects: NARROWS, text: 'nothing is allowed here any more' },
  'schema-replaced': { affects: BOTH, text: 'this is described by something quite different' },
  'schema-unrestricted': { affects: WIDENS, text: 'anything is allowed here now' },
  'title-changed': { affects: NEITHER, text: 'the title changed, and with it what the model is told' },
  'tuple-item-added': { affects: BOTH, text: 'an item was added to the fixed list' },
  'tuple-item-removed': { affects: BOTH, text: 'an item was removed from the fixed list' },
  'type-changed': { affects: BOTH, text: 'the type became another' },
  'type-narrowed': { affects: NARROWS, text: 'fewer types are allowed' },
  'type-widened': { affects: WIDENS, text: 'more types are allowed' },
  'union-option-added': { affects: WIDENS, text: 'an alternative was added' },
  'union-option-removed': { affects: NARROWS, text: 'an alternative was removed' },
  'unique-items-added': { affects: NARROWS, text: 'items may no longer repeat' },
  'unique-items-removed': { affects: WIDENS, text: 'items may repeat now' },
} as const satisfies Readonly<Record<string, RuleDescription>>;

export type ChangeRule = keyof typeof changeRules;

/** Rules for changes that leave the set of documents alone and still change what a model is told. */
export const PROMPT_RULES: ReadonlySet<ChangeRule> = new Set([
  'description-changed',
  'examples-changed',
  'title-changed',
]);

/** Rules for changes that leave the set of documents alone. */
export const NO_EFFECT: ReadonlySet<ChangeRule> = new Set([...PROMPT_RULES, 'default-changed']);
