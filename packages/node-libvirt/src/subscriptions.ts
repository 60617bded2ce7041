import { EVENT_IDS, readEvent, type DomainEvents, type EventKind } from './events.ts';
import { REMOTE } from './protocol.ts';
import type { CallOptions, RpcClient } from './rpc.ts';
import type { XdrReader } from './xdr.ts';

type Listener<K extends EventKind> = (event: DomainEvents[K]) => void;

interface Subscription<K extends EventKind> {
  readonly listeners: Set<Listener<K>>;
  /** The registration at libvirtd; null when there is none. */
  callbackId: number | null;
}

/**
 * Who listens to which events. There is one registration at libvirtd for each kind, made for the first listener and
 * undone after the last, in the order in which they were asked for.
 */
export class Subscriptions {
  readonly #rpc: RpcClient;
  readonly #byKind: { readonly [K in EventKind]: Subscription<K> } = {
    lifecycle: { listeners: new Set(), callbackId: null },
    balloonChange: { listeners: new Set(), callbackId: null },
    metadataChange: { listeners: new Set(), callbackId: null },
  };
  #last: Promise<unknown> = Promise.resolve();

  constructor(rpc: RpcClient) {
    this.#rpc = rpc;
  }

  async add<K extends EventKind>(kind: K, listener: Listener<K>, options: CallOptions): Promise<() => Promise<void>> {
    const subscription = this.#byKind[kind] as Subscription<K>;
    // A function of its own for each call: the same listener may be given twice.
    const own: Listener<K> = (event) => listener(event);
    subscription.listeners.add(own);
    try {
      await this.#inTurn(() => this.#register(kind, options));
    } catch (error) {
      subscription.listeners.delete(own);
      throw error;
    }
    return async () => {
      if (!subscription.listeners.delete(own)) return;
      await this.#inTurn(() => this.#deregister(kind, options));
    };
  }

  /** Throws XdrError when the event cannot be read. */
  dispatch(program: number, procedure: number, body: XdrReader): void {
    const decoded = readEvent(program, procedure, body);
    if (decoded === null) return;
    const { listeners } = this.#byKind[decoded.kind] as Subscription<EventKind>;
    for (const listener of [...listeners]) listener(decoded.event);
  }

  async #register(kind: EventKind, options: CallOptions): Promise<void> {
    const subscription = this.#byKind[kind];
    if (subscription.callbackId !== null || subscription.listeners.size === 0) return;
    subscription.callbackId = await this.#rpc.call(
      REMOTE.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY,
      (w) => w.int(EVENT_IDS[kind]).uint(0),
      (r) => r.int(),
      options,
    );
  }

  async #deregister(kind: EventKind, options: CallOptions): Promise<void> {
    const subscription = this.#byKind[kind];
    const id = subscription.callbackId;
    if (id === null || subscription.listeners.size > 0 || this.#rpc.closed) return;
    subscription.callbackId = null;
    const { signal: _ofRegistration, ...rest } = options;
    await this.#rpc.call(
      REMOTE.CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY,
      (w) => w.int(id),
      () => undefined,
      rest,
    );
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(work);
    this.#last = mine.catch(() => undefined);
    return mine;
  }
}
