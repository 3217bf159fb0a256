/** A stream of bytes or text, as standard input is one. Any `Readable` of Node is; the type asks for no types of Node. */
export interface ByteStream extends AsyncIterable<Uint8Array | string> {
  /** Ends reading. */
  destroy(): unknown;
}
