import { extname } from 'node:path';
import { GleanerError } from '../gleaner-error.ts';
import { writeFileAtomically } from '../files/write-file-atomically.ts';
import type { RunMetrics } from './run-metrics.ts';

const EVERY_MS = 10_000;

/**
 * Keeps a file of metrics up to date, for node_exporter's textfile collector, which reads whatever ends in `.prom`. It stays when the
 * run has ended, so that an alert can tell when a night did not come.
 */
export class MetricsFile {
  readonly #path: string;
  readonly #metrics: RunMetrics;
  readonly #tell: (message: string) => void;
  #timer: NodeJS.Timeout | undefined;
  #hasFailed = false;

  /** @throws {GleanerError} for a name that no collector would read */
  constructor(path: string, metrics: RunMetrics, tell: (message: string) => void) {
    if (extname(path) !== '.prom') {
      throw new GleanerError(
        'option-invalid',
        `Cannot write metrics to ${path}: the textfile collector reads files that end in .prom only`,
      );
    }
    this.#path = path;
    this.#metrics = metrics;
    this.#tell = tell;
  }

  async begin(): Promise<void> {
    await this.write();
    this.#timer = setInterval(() => void this.write(), EVERY_MS);
    this.#timer.unref();
  }

  async write(): Promise<void> {
    const text = await this.#metrics.text();
    try {
      writeFileAtomically(this.#path, text);
    } catch (error) {
      // Once is enough: the next try fails alike.
      if (!this.#hasFailed) this.#tell(`Metrics are not written: ${(error as Error).message}`);
      this.#hasFailed = true;
    }
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.write();
  }
}
