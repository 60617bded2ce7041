/** Callbacks for the state of a destination. */
export interface DestinationEvents {
  /** Lines cannot be written. Called once until the destination recovers. */
  onError(error: NodeJS.ErrnoException): void;
  /** The destination recovered; `lost` is the number of lines lost. */
  onRecovered(lost: number): void;
}

/** Reports changes between working and failing, and counts the lines lost in between. */
export class Health {
  #events: DestinationEvents | null = null;
  #failing = false;
  #lost = 0;

  listen(events: DestinationEvents): void {
    this.#events = events;
  }

  countLostLine(): void {
    this.#lost += 1;
  }

  reportFailure(error: NodeJS.ErrnoException): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#events?.onError(error);
  }

  /** @param hasRoom whether a line that reports the lost ones would be accepted */
  reportSuccess(hasRoom: boolean): void {
    this.#failing = false;
    if (this.#lost === 0 || !hasRoom) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#events?.onRecovered(lost);
  }
}
