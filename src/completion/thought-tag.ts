/**
 * Key of a request under which the tag stands that the model writes around its thoughts, such as `think`. It tells the client how
 * to read the answer; being a symbol, it never goes over the wire.
 */
export const THOUGHT_TAG = Symbol('thoughtTag');
