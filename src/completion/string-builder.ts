const FRAGMENTS_IN_BLOCK = 1024;

/** A text that grows by fragments: joined in blocks, so that neither time nor memory exceeds the text's own size. */
export class StringBuilder {
  #blocks: string[] = [];
  #fragments: string[] = [];

  add(fragment: string): void {
    this.#fragments.push(fragment);
    if (this.#fragments.length < FRAGMENTS_IN_BLOCK) return;
    this.#blocks.push(this.#fragments.join(''));
    this.#fragments = [];
  }

  text(): string {
    return this.#blocks.join('') + this.#fragments.join('');
  }
}
