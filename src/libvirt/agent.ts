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

/** The guest agent over libvirt. Nothing that it says is believed to be short or well-formed. */
export class LibvirtAgent implements GuestAgent {
  readonly #link: Pick<Link, 'query'>;
  readonly #callTimeoutMs: number;
  readonly #places = new Places(GUESTS_AT_ONCE);

  constructor(link: Pick<Link, 'query'>, callTimeoutMs: number) {
    this.#link = link;
    this.#callTimeoutMs = callTimeoutMs;
  }

  readFile(guest: GuestRef, path: string, signal: AbortSignal): Promise<string> {
    return this.#places.use(signal, async () => {
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
    });
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
