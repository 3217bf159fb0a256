/** A way of looking at a change: `backward` is about yesterday's documents, `forward` about yesterday's readers. */
export type ChangeDirection = 'backward' | 'forward';

interface RuleDescription {
  /** The directions that such a change can break; `null` where it depends on whether the object is open or closed. */
  readonly affects: readonly ChangeDirection[] | null;
  readonly text: string;
}

const narrows = ['backward'] as const;
const widens = ['forward'] as const;
const both = ['backward', 'forward'] as const;
const neither = [] as const;

/** Every rule id there is. Ids are part of committed acceptances: add rules, never rename one. */
export const changeRules = {
  'additional-properties-changed': { affects: both, text: 'what other properties may hold became something else' },
  'additional-properties-closed': { affects: narrows, text: 'other properties are no longer allowed' },
  'additional-properties-opened': { affects: widens, text: 'other properties are now allowed' },
  'default-changed': { affects: neither, text: 'the default value changed' },
  'description-changed': { affects: neither, text: 'the description changed, and with it what the model is told' },
  'enum-added': { affects: narrows, text: 'only listed values are allowed now' },
  'enum-removed': { affects: widens, text: 'values are no longer restricted to a list' },
  'enum-value-added': { affects: widens, text: 'a value was added to the list' },
  'enum-value-removed': { affects: narrows, text: 'a value was removed from the list' },
  'examples-changed': { affects: neither, text: 'the examples changed, and with them what the model is told' },
  'exclusive-maximum-added': { affects: narrows, text: 'an exclusive maximum was added' },
  'exclusive-maximum-lowered': { affects: narrows, text: 'the exclusive maximum is lower' },
  'exclusive-maximum-raised': { affects: widens, text: 'the exclusive maximum is higher' },
  'exclusive-maximum-removed': { affects: widens, text: 'the exclusive maximum is gone' },
  'exclusive-minimum-added': { affects: narrows, text: 'an exclusive minimum was added' },
  'exclusive-minimum-lowered': { affects: widens, text: 'the exclusive minimum is lower' },
  'exclusive-minimum-raised': { affects: narrows, text: 'the exclusive minimum is higher' },
  'exclusive-minimum-removed': { affects: widens, text: 'the exclusive minimum is gone' },
  'format-added': { affects: narrows, text: 'a format was added' },
  'format-changed': { affects: both, text: 'the format became another' },
  'format-removed': { affects: widens, text: 'the format is gone' },
  'items-added': { affects: narrows, text: 'what items may be is now restricted' },
  'items-removed': { affects: widens, text: 'what items may be is no longer restricted' },
  'keyword-changed': { affects: both, text: 'a keyword changed that is not compared in detail' },
  'max-items-added': { affects: narrows, text: 'a largest number of items was added' },
  'max-items-lowered': { affects: narrows, text: 'fewer items are allowed' },
  'max-items-raised': { affects: widens, text: 'more items are allowed' },
  'max-items-removed': { affects: widens, text: 'the largest number of items is gone' },
  'max-length-added': { affects: narrows, text: 'a greatest length was added' },
  'max-length-lowered': { affects: narrows, text: 'the greatest length is lower' },
  'max-length-raised': { affects: widens, text: 'the greatest length is higher' },
  'max-length-removed': { affects: widens, text: 'the greatest length is gone' },
  'max-properties-added': { affects: narrows, text: 'a largest number of properties was added' },
  'max-properties-lowered': { affects: narrows, text: 'fewer properties are allowed' },
  'max-properties-raised': { affects: widens, text: 'more properties are allowed' },
  'max-properties-removed': { affects: widens, text: 'the largest number of properties is gone' },
  'maximum-added': { affects: narrows, text: 'a maximum was added' },
  'maximum-lowered': { affects: narrows, text: 'the maximum is lower' },
  'maximum-raised': { affects: widens, text: 'the maximum is higher' },
  'maximum-removed': { affects: widens, text: 'the maximum is gone' },
  'min-items-added': { affects: narrows, text: 'a smallest number of items was added' },
  'min-items-lowered': { affects: widens, text: 'fewer items suffice' },
  'min-items-raised': { affects: narrows, text: 'more items are needed' },
  'min-items-removed': { affects: widens, text: 'the smallest number of items is gone' },
  'min-length-added': { affects: narrows, text: 'a least length was added' },
  'min-length-lowered': { affects: widens, text: 'the least length is lower' },
  'min-length-raised': { affects: narrows, text: 'the least length is higher' },
  'min-length-removed': { affects: widens, text: 'the least length is gone' },
  'min-properties-added': { affects: narrows, text: 'a smallest number of properties was added' },
  'min-properties-lowered': { affects: widens, text: 'fewer properties suffice' },
  'min-properties-raised': { affects: narrows, text: 'more properties are needed' },
  'min-properties-removed': { affects: widens, text: 'the smallest number of properties is gone' },
  'minimum-added': { affects: narrows, text: 'a minimum was added' },
  'minimum-lowered': { affects: widens, text: 'the minimum is lower' },
  'minimum-raised': { affects: narrows, text: 'the minimum is higher' },
  'minimum-removed': { affects: widens, text: 'the minimum is gone' },
  'multiple-of-added': { affects: narrows, text: 'numbers must now be multiples' },
  'multiple-of-changed': { affects: both, text: 'numbers must be multiples of something else' },
  'multiple-of-removed': { affects: widens, text: 'numbers need no longer be multiples' },
  'pattern-added': { affects: narrows, text: 'a pattern was added' },
  'pattern-changed': { affects: both, text: 'the pattern became another' },
  'pattern-removed': { affects: widens, text: 'the pattern is gone' },
  'property-added': { affects: null, text: 'an optional property was added' },
  'property-became-optional': { affects: widens, text: 'a property need no longer be there' },
  'property-became-required': { affects: narrows, text: 'a property must now be there' },
  'property-removed': { affects: null, text: 'an optional property was removed' },
  'required-property-added': { affects: null, text: 'a property that must be there was added' },
  'required-property-removed': { affects: null, text: 'a property that had to be there was removed' },
  'schema-forbidden': { affects: narrows, text: 'nothing is allowed here any more' },
  'schema-replaced': { affects: both, text: 'this is described by something quite different' },
  'schema-unrestricted': { affects: widens, text: 'anything is allowed here now' },
  'title-changed': { affects: neither, text: 'the title changed, and with it what the model is told' },
  'tuple-item-added': { affects: both, text: 'an item was added to the fixed list' },
  'tuple-item-removed': { affects: both, text: 'an item was removed from the fixed list' },
  'type-changed': { affects: both, text: 'the type became another' },
  'type-narrowed': { affects: narrows, text: 'fewer types are allowed' },
  'type-widened': { affects: widens, text: 'more types are allowed' },
  'union-option-added': { affects: widens, text: 'an alternative was added' },
  'union-option-removed': { affects: narrows, text: 'an alternative was removed' },
  'unique-items-added': { affects: narrows, text: 'items may no longer repeat' },
  'unique-items-removed': { affects: widens, text: 'items may repeat now' },
} as const satisfies Readonly<Record<string, RuleDescription>>;

export type ChangeRule = keyof typeof changeRules;

/** Rules for changes that leave the set of documents alone and still change what a model is told. */
export const promptRules: ReadonlySet<ChangeRule> = new Set([
  'description-changed',
  'examples-changed',
  'title-changed',
]);
