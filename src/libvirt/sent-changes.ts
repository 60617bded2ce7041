import type { GuestRef } from '../model/control.ts';
import { HypervisorError } from '../ports/hypervisor.ts';
import { waitAtMost } from '../support/deadline.ts';
import { LibvirtTimeoutError } from 'node-libvirt';
import type { Notice } from './guest-record.ts';

/**
 * Changes that may hang at once on guests whose last change hung. A hanging change occupies a place at libvirtd until the
 * guest's job lock is free or libvirt gives up, after 30 s by default: the other places are for guests that answer.
 */
const HANGING_AT_ONCE = 4;

/** Guests whose last change hung that are remembered: more than a host has, but a bound. */
const MAX_REMEMBERED = 4096;

interface Sent {
  readonly targetKib: number;
  readonly atMs: number;
  /** Nobody waits for it any more. */
  hangs: boolean;
}

export interface SentChangesOptions {
  /** How long a sender waits, milliseconds. */
  readonly timeoutMs: number;
  /** Milliseconds, never backwards. */
  readonly monotonic: () => number;
  readonly notice: Notice;
  /** Called when a change begins to hang, and when it returns. */
  readonly onHang: (uuid: string) => void;
}

/** The changes of balloons that were sent to libvirtd and have not returned: at most one of each guest. */
export class SentChanges {
  readonly #options: SentChangesOptions;
  readonly #sent = new Map<string, Sent>();
  /** Guests whose last change hung. */
  readonly #slow = new Set<string>();

  constructor(options: SentChangesOptions) {
    this.#options = options;
  }

  /**
   * Sends a change and waits for its result. When it hangs, its result is told in a notice when it comes.
   * @param send must not end before libvirtd has answered or the connection is lost
   * @throws HypervisorError `busy` when nothing was sent; `LibvirtTimeoutError` when it hangs; any error of `send`
   */
  async send(guest: GuestRef, targetKib: number, signal: AbortSignal, send: () => Promise<void>): Promise<void> {
    signal.throwIfAborted();
    const { timeoutMs, monotonic, onHang } = this.#options;
    this.#refuseWhileHanging(guest);
    const sent: Sent = { targetKib, atMs: monotonic(), hangs: false };
    this.#sent.set(guest.uuid, sent);
    const answered = send().finally(() => this.#sent.delete(guest.uuid));
    const waited = await waitAtMost(answered, { ms: timeoutMs, signal });
    if (waited.ended) {
      this.#slow.delete(guest.uuid);
      return;
    }
    sent.hangs = true;
    if (this.#slow.size < MAX_REMEMBERED) this.#slow.add(guest.uuid);
    onHang(guest.uuid);
    const tell = (result: string): void => {
      onHang(guest.uuid);
      const seconds = Math.round((monotonic() - sent.atMs) / 1000);
      this.#options.notice(guest, `the change of its balloon to ${targetKib} returned after ${seconds} s: ${result}`);
    };
    answered.then(
      () => tell('it was made'),
      (error: unknown) => tell(error instanceof Error ? error.message : String(error)),
    );
    if (waited.because === 'abort') throw signal.reason;
    throw new LibvirtTimeoutError('DOMAIN_SET_MEMORY_FLAGS', timeoutMs);
  }

  #refuseWhileHanging({ uuid }: GuestRef): void {
    const own = this.#sent.get(uuid);
    if (own !== undefined) {
      const seconds = Math.round((this.#options.monotonic() - own.atMs) / 1000);
      const text = `its last change, to ${own.targetKib}, was sent ${seconds} s ago and has not returned`;
      throw new HypervisorError('busy', `${text}; no second one is sent`);
    }
    if (!this.#slow.has(uuid)) return;
    const hanging = [...this.#sent.values()].filter(({ hangs }) => hangs).length;
    if (hanging < HANGING_AT_ONCE) return;
    throw new HypervisorError('busy', `its last change hung, and ${hanging} changes of other guests hang now`);
  }
}
