import type { CallOptions } from 'node-libvirt';
import type { GuestRef } from '../model/control.ts';
import { quotedForeign } from '../model/text.ts';
import type { GuestAgent } from '../ports/guest-agent.ts';
import { asHypervisorError, type Link } from './link.ts';
import { Places } from './places.ts';

/** How long libvirt waits for the agent, seconds: the guest may not answer. */
const TIMEOUT_S = 2;

const CHUNK_BYTES = 16_384;
const MAX_BYTES = 65_536;

/** A reply has a chunk in base64, and little else. */
const MAX_REPLY = 2 * CHUNK_BYTES;

/** Guests asked at once: one that does not answer occupies a place at libvirtd. */
const GUESTS_AT_ONCE = 2;

/** Intervals do not wait for an agent that has been slower than this, milliseconds, until it answers a ping in less. */
const SLOW_MS = 500;

/** When a slow agent is pinged again, milliseconds: later and later. */
const RETRY_MS = { first: 10_000, longest: 300_000 };

/** How long a ping may wait for its turn and its answer, milliseconds. */
const PING_LIMIT_MS = 60_000;

/** More are forgotten, the oldest first: guests that are gone. */
const MOST_SLOW = 5000;

interface Slow {
  readonly waitMs: number;
  readonly retryAtMs: number;
}

/** The guest agent over libvirt. Nothing that it says is believed to be short or well-formed, or to come soon. */
export class LibvirtAgent implements GuestAgent {
  readonly #link: Pick<Link, 'query'>;
  readonly #callTimeoutMs: number;
  readonly #now: () => number;
  readonly #places = new Places(GUESTS_AT_ONCE);
  /** Pings of slow agents must not take the places of the others. */
  readonly #pingPlaces = new Places(1);
  /** By uuid. */
  readonly #slow = new Map<string, Slow>();
  readonly #pinged = new Set<string>();

  /** @param now milliseconds of a monotonic clock */
  constructor(link: Pick<Link, 'query'>, callTimeoutMs: number, now: () => number = () => performance.now()) {
    this.#link = link;
    this.#callTimeoutMs = callTimeoutMs;
    this.#now = now;
  }

  async readFile(guest: GuestRef, path: string, signal: AbortSignal): Promise<string> {
    this.#refuseSlow(guest);
    return this.#places.use(signal, () => {
      // It may have become slow while this one waited.
      this.#refuseSlow(guest);
      return this.#timed(guest, () => this.#readFile(guest, path, signal));
    });
  }

  /** @throws for an agent that was slow: intervals do not wait for it */
  #refuseSlow(guest: GuestRef): void {
    const slow = this.#slow.get(guest.uuid);
    if (slow === undefined) return;
    if (this.#now() >= slow.retryAtMs && !this.#pinged.has(guest.uuid)) void this.#ping(guest);
    throw new Error('the guest agent did not answer in time; it is pinged until it does');
  }

  /** Remembers whether the agent was slow. */
  async #timed<T>(guest: GuestRef, ask: () => Promise<T>): Promise<T> {
    const sinceMs = this.#now();
    try {
      return await ask();
    } finally {
      if (this.#now() - sinceMs > SLOW_MS) this.#becomeSlow(guest.uuid);
      else this.#slow.delete(guest.uuid);
    }
  }

  #becomeSlow(uuid: string): void {
    const before = this.#slow.get(uuid);
    const waitMs = before === undefined ? RETRY_MS.first : Math.min(2 * before.waitMs, RETRY_MS.longest);
    this.#slow.delete(uuid);
    this.#slow.set(uuid, { waitMs, retryAtMs: this.#now() + waitMs });
    if (this.#slow.size > MOST_SLOW) this.#slow.delete(this.#slow.keys().next().value!);
  }

  /** An agent that is not connected fails at once: it is asked again in each interval, which costs nothing. */
  async #ping(guest: GuestRef): Promise<void> {
    this.#pinged.add(guest.uuid);
    const signal = AbortSignal.timeout(PING_LIMIT_MS);
    const options = { timeoutMs: this.#callTimeoutMs, signal };
    try {
      await this.#pingPlaces.use(signal, () => this.#timed(guest, () => this.#ask(guest, 'guest-ping', {}, options)));
    } catch {
      // What it was is known: it is pinged again later.
    } finally {
      this.#pinged.delete(guest.uuid);
    }
  }

  async #readFile(guest: GuestRef, path: string, signal: AbortSignal): Promise<string> {
    const options = { timeoutMs: this.#callTimeoutMs, signal };
    try {
      const handle = await this.#ask(guest, 'guest-file-open', { path, mode: 'r' }, options);
      if (!Number.isSafeInteger(handle)) throw new Error('the guest agent returned no handle of the file');
      try {
        return await this.#readAll(guest, path, handle, options);
      } finally {
        await this.#ask(guest, 'guest-file-close', { handle }, options).catch(() => undefined);
      }
    } catch (error) {
      throw asHypervisorError(error);
    }
  }

  async #readAll(guest: GuestRef, path: string, handle: unknown, options: CallOptions): Promise<string> {
    const chunks: Buffer[] = [];
    let bytes = 0;
    for (;;) {
      const reply = await this.#ask(guest, 'guest-file-read', { handle, count: CHUNK_BYTES }, options);
      const { 'buf-b64': base64, eof } = (reply ?? {}) as { readonly 'buf-b64'?: unknown; readonly eof?: unknown };
      if (typeof base64 !== 'string') throw new Error(`the guest agent returned no content of ${path}`);
      const chunk = Buffer.from(base64, 'base64');
      bytes += chunk.length;
      if (bytes > MAX_BYTES) throw new Error(`the guest agent returned more than ${MAX_BYTES} bytes of ${path}`);
      chunks.push(chunk);
      if (eof === true || chunk.length === 0) return Buffer.concat(chunks).toString('latin1');
    }
  }

  async #ask(guest: GuestRef, execute: string, args: object, options: CallOptions): Promise<unknown> {
    const command = JSON.stringify({ execute, arguments: args });
    const reply = await this.#link.query((connection) =>
      connection.qemuAgentCommand(guest, command, { agentTimeoutS: TIMEOUT_S, ...options }),
    );
    if (reply === null || reply.length > MAX_REPLY)
      throw new Error(`the guest agent replied nothing usable to ${execute}`);
    try {
      return (JSON.parse(reply) as { readonly return?: unknown } | null)?.return;
    } catch {
      throw new Error(`the guest agent replied ${quotedForeign(reply)} to ${execute}`);
    }
  }
}
