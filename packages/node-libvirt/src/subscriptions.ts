import { EVENT_IDS, readEvent, type DomainEvents, type EventKind } from './events.ts';
import { REMOTE } from './protocol.ts';
import type { CallOptions, RpcClient } from './rpc.ts';
import type { XdrReader } from './xdr.ts';

type Listener<K extends EventKind> = (event: DomainEvents[K]) => void;

interface Subscription<K extends EventKind> {
  readonly listeners: Set<Listener<K>>;
  /** libvirtd's id of the registered callback; null: not registered. */
  callbackId: number | null;
}

/**
 * The listeners of each kind of event. One callback per kind is registered at libvirtd: with the first listener, until
 * the last is removed. Registrations are serialized.
 */
export class Subscriptions {
  readonly #rpc: RpcClient;
  readonly #byKind: { readonly [K in EventKind]: Subscription<K> } = {
    lifecycle: { listeners: new Set(), callbackId: null },
    balloonChange: { listeners: new Set(), callbackId: null },
    metadataChange: { listeners: new Set(), callbackId: null },
    deviceAdded: { listeners: new Set(), callbackId: null },
    deviceRemoved: { listeners: new Set(), callbackId: null },
    memoryDeviceSizeChange: { listeners: new Set(), callbackId: null },
    migrationIteration: { listeners: new Set(), callbackId: null },
    jobCompleted: { listeners: new Set(), callbackId: null },
  };
  #last: Promise<unknown> = Promise.resolve();

  constructor(rpc: RpcClient) {
    this.#rpc = rpc;
  }

  async add<K extends EventKind>(kind: K, listener: Listener<K>, options: CallOptions): Promise<() => Promise<void>> {
    const subscription = this.#byKind[kind] as Subscription<K>;
    // Wrapped, because the same listener may be added twice.
    const wrapped: Listener<K> = (event) => listener(event);
    subscription.listeners.add(wrapped);
    try {
      await this.#serialize(() => this.#register(kind, options));
    } catch (error) {
      subscription.listeners.delete(wrapped);
      throw error;
    }
    return async () => {
      if (!subscription.listeners.delete(wrapped)) return;
      await this.#serialize(() => this.#deregister(kind, options));
    };
  }

  /** Calls the listeners of an event. @throws XdrError when it cannot be read */
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

  #serialize<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
