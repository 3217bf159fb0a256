/** Values by small whole numbers, most of which have one: a list without gaps, which the engine reads fastest. */
export class ByNumber<Value> {
  readonly #values: (Value | undefined)[] = [];

  get(key: number): Value | undefined {
    return key < this.#values.length ? this.#values[key] : undefined;
  }

  set(key: number, value: Value): void {
    while (this.#values.length <= key) this.#values.push(undefined);
    this.#values[key] = value;
  }
}
