import type { Guests } from '../../control/api/guests.ts';
import type { Status } from '../../control/api/status.ts';
import { ClientError, type ControlClient } from '../../control/client.ts';
import { checkedCall } from '../support/checked-call.ts';

/** The last answers of a daemon, and since when it gives none. Times are milliseconds since the epoch. */
export interface Answers {
  readonly status: Status;
  readonly guests: Guests;
  readonly answeredMs: number;
  /** Why there are no newer ones; null: there are. */
  readonly trouble: { readonly message: string; readonly sinceMs: number } | null;
}

/** What a daemon is asked for, again and again. */
export class Feed {
  readonly #client: Pick<ControlClient, 'call'>;
  #answers: Answers;
  #askedMs: number | null = null;

  private constructor(client: Pick<ControlClient, 'call'>, answers: Answers) {
    this.#client = client;
    this.#answers = answers;
  }

  /** @throws ClientError when no daemon answers */
  static async open(client: Pick<ControlClient, 'call'>): Promise<Feed> {
    return new Feed(client, { ...(await ask(client)), answeredMs: Date.now(), trouble: null });
  }

  /** An answer that is outstanding for some time is trouble too. */
  get answers(): Answers {
    const askedMs = this.#askedMs;
    if (askedMs === null || Date.now() - askedMs < SLOW_MS) return this.#answers;
    const sinceMs = this.#answers.trouble?.sinceMs ?? askedMs;
    return { ...this.#answers, trouble: { message: 'something listens, but does not answer', sinceMs } };
  }

  get isWaiting(): boolean {
    return this.#askedMs !== null;
  }

  /** Asks once more. A daemon that is gone is not an error: it may come back. */
  async refresh(): Promise<void> {
    this.#askedMs = Date.now();
    try {
      this.#answers = { ...(await ask(this.#client)), answeredMs: Date.now(), trouble: null };
    } catch (error) {
      if (!(error instanceof ClientError)) throw error;
      const sinceMs = this.#answers.trouble?.sinceMs ?? Date.now();
      this.#answers = { ...this.#answers, trouble: { message: error.message, sinceMs } };
    } finally {
      this.#askedMs = null;
    }
  }
}

const SLOW_MS = 2000;

async function ask(client: Pick<ControlClient, 'call'>) {
  const [status, guests] = await Promise.all([checkedCall(client, 'status'), checkedCall(client, 'guests')]);
  return { status, guests };
}
