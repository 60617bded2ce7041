export interface KeepaliveOptions {
  /** Silence in milliseconds after which a ping is sent, and between pings. 0 sends none. */
  readonly intervalMs: number;
  /** Pings without any sign of life before the connection is given up. */
  readonly count: number;
}

interface KeepaliveHandlers {
  readonly ping: () => void;
  readonly dead: (silentMs: number) => void;
}

/** Our half of keepalive: pings when nothing is heard. Anything that arrives is a sign of life. */
export class Keepalive {
  readonly #options: KeepaliveOptions;
  readonly #handlers: KeepaliveHandlers;
  #unanswered = 0;
  #heard = false;
  readonly #timer: NodeJS.Timeout | null;

  constructor(options: KeepaliveOptions, handlers: KeepaliveHandlers) {
    this.#options = options;
    this.#handlers = handlers;
    this.#timer = options.intervalMs > 0 ? setInterval(() => this.#tick(), options.intervalMs).unref() : null;
  }

  heard(): void {
    this.#heard = true;
  }

  stop(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #tick(): void {
    if (this.#heard) {
      this.#heard = false;
      this.#unanswered = 0;
      return;
    }
    if (this.#unanswered >= this.#options.count) {
      this.#handlers.dead((this.#unanswered + 1) * this.#options.intervalMs);
      return;
    }
    this.#unanswered++;
    this.#handlers.ping();
  }
}
