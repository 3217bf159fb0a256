import type { TokenUsage } from '../../completion/usage.ts';
import type { JsonValue } from '../../json/value.ts';
import type { FaultKind } from './faults.ts';
import type { ChatRoute } from './routes.ts';

/** One chat request as the emulator saw it, and what became of it. Holds no credentials. */
export interface RecordedRequest {
  readonly route: ChatRoute;
  /** Request headers without `authorization`, names in lower case. */
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  /** The parsed body; undefined where it was no JSON, or larger than 1 MiB. */
  readonly body: JsonValue | undefined;
  /** 1-based number among the requests with the same messages; 0 for a refused one. */
  readonly attempt: number;
  /** The status answered with; undefined where the connection was cut or is still silent. */
  readonly status: number | undefined;
  readonly fault: FaultKind | undefined;
  /** Tokens of the generated answer, delivered or not. */
  readonly usage: Readonly<TokenUsage> | undefined;
}

/** The last requests, oldest first, in a ring of fixed size. */
export class RequestLog {
  readonly #limit: number;
  #ring: RecordedRequest[] = [];
  #next = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(request: RecordedRequest): void {
    if (this.#limit === 0) return;
    this.#ring[this.#next] = request;
    this.#next = (this.#next + 1) % this.#limit;
  }

  list(): readonly RecordedRequest[] {
    if (this.#ring.length < this.#limit) return [...this.#ring];
    return [...this.#ring.slice(this.#next), ...this.#ring.slice(0, this.#next)];
  }

  reset(): void {
    this.#ring = [];
    this.#next = 0;
  }
}
