import { LIST_DOMAINS, LibvirtTimeoutError, type Connection } from 'node-libvirt';
import { waitAtMost } from '../support/deadline.ts';

type Domains = Awaited<ReturnType<Connection['listAllDomains']>>;

/** A call that has not returned. */
interface Pending {
  readonly connection: Connection;
  readonly answer: Promise<Domains>;
  /** Nobody waits for it any more. */
  isLate: boolean;
}

/** libvirtd lists its domains without asking any guest, within milliseconds. */
const PROMPT_MS = 500;

/** A wait in several steps, so that a pause of the whole process does not count as a timeout. */
const STEPS = 5;

/**
 * The list of the running domains. When it is late, libvirtd itself stalls: that reading fails soon, and the next ones at once until
 * the answer comes, so that intervals go on with the host's figures. After a late answer libvirtd is known to be slow, and gets
 * the full timeout.
 */
export class DomainList {
  readonly #timeoutMs: number;
  readonly #monotonic: () => number;
  #pending: Pending | null = null;
  /** How long the next call is waited for, milliseconds. */
  #patienceMs: number;

  /** @param timeoutMs timeout of a call to a libvirtd that is slow, or not known yet; milliseconds */
  constructor(timeoutMs: number, monotonic: () => number) {
    this.#timeoutMs = timeoutMs;
    this.#monotonic = monotonic;
    this.#patienceMs = timeoutMs;
  }

  /** @throws LibvirtTimeoutError when the answer is late; the reason of `signal`; any error of the call */
  async read(connection: Connection, signal: AbortSignal): Promise<Domains> {
    signal.throwIfAborted();
    const pending = this.#pending?.connection === connection ? this.#pending : this.#send(connection);
    for (let step = 0; step < STEPS && !pending.isLate; step++) {
      const waited = await waitAtMost(pending.answer, { ms: this.#patienceMs / STEPS, signal });
      if (waited.ended) return waited.value;
      if (waited.because === 'abort') throw signal.reason;
    }
    pending.isLate = true;
    throw new LibvirtTimeoutError('CONNECT_LIST_ALL_DOMAINS', this.#patienceMs);
  }

  #send(connection: Connection): Pending {
    const answer = connection.listAllDomains({ flags: LIST_DOMAINS.ACTIVE, timeoutMs: 0 });
    const sent = { connection, answer, isLate: false };
    const sentMs = this.#monotonic();
    const returned = (): void => {
      if (this.#pending !== sent) return;
      this.#pending = null;
      const isPrompt = this.#monotonic() - sentMs <= PROMPT_MS;
      this.#patienceMs = isPrompt ? Math.min(PROMPT_MS, this.#timeoutMs) : this.#timeoutMs;
    };
    answer.then(returned, returned);
    this.#pending = sent;
    return sent;
  }
}
