export interface KeepaliveOptions {
  /** Time without received data after which a ping is sent, and between pings, milliseconds. 0: no pings. */
  readonly intervalMs: number;
  /** Pings without received data before the connection is closed. */
  readonly count: number;
}

interface KeepaliveHandlers {
  readonly ping: () => void;
  readonly timeout: (silentMs: number) => void;
}

/** The client's half of keepalive: sends pings while no data is received. Any received data counts as a reply. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #handlers: KeepaliveHandlers;
  #unanswered = 0;
  #received = false;
  readonly #timer: NodeJS.Timeout | null;

  constructor(options: KeepaliveOptions, handlers: KeepaliveHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#timer = options.intervalMs > 0 ? setInterval(() => this.#tick(), options.intervalMs).unref() : null;
  }

  received(): void {
    this.#received = true;
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#received) {
      this.#received = false;
      this.#unanswered = 0;
      return;
    }
    if (this.#unanswered >= this.#options.count) {
      this.#handlers.timeout((this.#unanswered + 1) * this.#options.intervalMs);
      return;
    }
    this.#unanswered++;
    this.#handlers.ping();
  }
}
