/** What a destination tells of itself. */
export interface DestinationEvents {
  /** Lines cannot be written now. Told once, and again only after it worked in between. */
  onError(error: NodeJS.ErrnoException): void;
  /** It works again after that many lines were lost. */
  onRecovered(lost: number): void;
}

/** Tells of the change from working to failing and back, and counts the lines that were lost in between. */
export class Health {
  #events: DestinationEvents | null = null;
  #failing = false;
  #lost = 0;

  listen(events: DestinationEvents): void {
    this.#events = events;
  }

  lose(): void {
    this.#lost += 1;
  }

  failed(error: NodeJS.ErrnoException): void {
    if (this.#failing) return;
    this.#failing = true;
    this.#events?.onError(error);
  }

  /** @param hasRoom a line that tells of the lost ones would not be lost itself */
  worked(hasRoom: boolean): void {
    this.#failing = false;
    if (this.#lost === 0 || !hasRoom) return;
    const lost = this.#lost;
    this.#lost = 0;
    this.#events?.onRecovered(lost);
  }
}
