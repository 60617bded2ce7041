import { gaugesOf, type DaemonState } from '../metrics/gauges.ts';
import type { Page } from '../metrics/endpoint.ts';
import type { MetricsRegistry } from '../metrics/registry.ts';

/**
 * The page with all metrics. It is rendered when somebody asks for it, and once for all who ask until something has changed: any
 * number of clients costs no more than one for each interval.
 */
export class MetricsPage implements Page {
  readonly #registry: MetricsRegistry;
  readonly #state: () => DaemonState;
  readonly #onDefect: (error: unknown) => void;
  /** Counts the changes; the rendered page belongs to one of them. */
  #version = 0;
  #rendered: { readonly version: number; readonly body: Promise<Buffer> } | null = null;

  constructor(registry: MetricsRegistry, state: () => DaemonState, onDefect: (error: unknown) => void) {
    this.#registry = registry;
    this.#state = state;
    this.#onDefect = onDefect;
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  /** The next request gets a new page. */
  changed(): void {
    this.#version += 1;
  }

  body(): Promise<Buffer> {
    const before = this.#rendered;
    if (before !== null && before.version === this.#version) return before.body;
    const body = this.#render(before?.body ?? Promise.resolve());
    this.#rendered = { version: this.#version, body };
    return body;
  }

  /** Two at once would mix their gauges. */
  async #render(before: Promise<unknown>): Promise<Buffer> {
    await before.catch(() => undefined);
    try {
      return Buffer.from(await this.#registry.render(gaugesOf(this.#state())));
    } catch (error) {
      this.#onDefect(error);
      throw error;
    }
  }
}
