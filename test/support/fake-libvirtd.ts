import { rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { EVENT_ID, LIFECYCLE, METADATA } from 'node-libvirt';
import { writeDomain } from '../../packages/node-libvirt/src/domain-ref.ts';
import type { Message } from '../../packages/node-libvirt/src/frames.ts';
import { REMOTE_PROCEDURE } from '../../packages/node-libvirt/src/protocol.ts';
import { XdrReader } from '../../packages/node-libvirt/src/xdr.ts';
import { FakeGuest, type FakeGuestOptions } from './fake-guest.ts';
import { HANDLERS, refOf } from './fake-libvirtd-calls.ts';
import { FakeClient, FakeError, type Reply } from './fake-libvirtd-client.ts';

export type ProcedureName = keyof typeof REMOTE_PROCEDURE;

export interface FakeLibvirtdOptions {
  /** The path of the socket; its directory must exist. */
  readonly socketPath: string;
  readonly guests?: readonly FakeGuestOptions[];
  /** Speed of the balloons, KiB per second. Default: immediate. */
  readonly balloonKibPerS?: number;
  /** How long a call waits for a guest's job lock before it fails with code 68. Default: 30 s, as in libvirtd. */
  readonly jobTimeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Fault {
  readonly procedure: ProcedureName;
  readonly error: FakeError | null;
  /** Resolves when the call may continue. */
  readonly wait: () => Promise<unknown>;
  times: number;
}

const NAMES = new Map(
  Object.entries(REMOTE_PROCEDURE).map(([name, number]) => [number as number, name as ProcedureName]),
);
const BALLOON_STEP_MS = 50;

/**
 * A libvirtd for tests and benchmarks: real protocol on a real socket, simulated guests, and faults on demand.
 * test/real-host/fake-libvirtd.test.ts compares it with the real libvirtd.
 */
export class FakeLibvirtd {
  readonly socketPath: string;
  /** How often each procedure was called. */
  readonly calls = new Map<ProcedureName, number>();
  readonly now: () => number;
  /** KiB per second; null: immediate. */
  balloonKibPerS: number | null;
  readonly #guests = new Map<string, FakeGuest>();
  readonly #clients = new Set<FakeClient>();
  readonly #jobTimeoutMs: number;
  #faults: Fault[] = [];
  #server: Server | null = null;
  #lastId = 0;
  /** Called when a guest becomes responsive, or its job lock is released. */
  #waiting: (() => void)[] = [];
  #balloons: NodeJS.Timeout | null = null;

  constructor(options: FakeLibvirtdOptions) {
    this.socketPath = options.socketPath;
    this.now = options.now ?? Date.now;
    this.balloonKibPerS = options.balloonKibPerS ?? null;
    this.#jobTimeoutMs = options.jobTimeoutMs ?? 30_000;
    for (const guest of options.guests ?? []) this.#add(guest);
  }

  /** The number of open connections. */
  get connections(): number {
    return this.#clients.size;
  }

  all(): FakeGuest[] {
    return [...this.#guests.values()];
  }

  byUuid(uuid: string): FakeGuest | undefined {
    return this.#guests.get(uuid);
  }

  /** @throws when there is no such guest */
  guest(name: string): FakeGuest {
    const guest = this.all().find((candidate) => candidate.name === name);
    if (guest === undefined) throw new Error(`the fake has no guest ${name}`);
    return guest;
  }

  callCount(procedure: ProcedureName): number {
    return this.calls.get(procedure) ?? 0;
  }

  /** Starts listening; also after {@link stop}. */
  async start(): Promise<void> {
    const server = createServer((socket) => {
      const client = new FakeClient(socket, (from, call) => this.#serve(from, call));
      this.#clients.add(client);
      socket.on('close', () => this.#clients.delete(client));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.socketPath, resolve));
    this.#server = server;
  }

  /** Like a stopped libvirtd: removes the socket and closes all connections; the guests remain. */
  async stop(): Promise<void> {
    if (this.#balloons !== null) clearInterval(this.#balloons);
    this.#balloons = null;
    const server = this.#server;
    this.#server = null;
    this.dropConnections();
    // Hanging calls end with this libvirtd.
    this.#waiting = [];
    for (const guest of this.all()) guest.job = null;
    if (server !== null) await new Promise((resolve) => server.close(resolve));
    await rm(this.socketPath, { force: true });
  }

  dropConnections(): void {
    for (const client of this.#clients) client.drop();
  }

  /** Pings all clients. */
  ping(): void {
    for (const client of this.#clients) client.ping();
  }

  /** Adds a guest and emits its lifecycle event. */
  addGuest(options: FakeGuestOptions): FakeGuest {
    const guest = this.#add(options);
    this.#lifecycle(guest, guest.running ? LIFECYCLE.STARTED : LIFECYCLE.DEFINED);
    return guest;
  }

  /** Destroys and removes a transient guest. */
  destroyGuest(name: string): void {
    const guest = this.guest(name);
    this.vanish(name);
    this.#lifecycle(guest, LIFECYCLE.STOPPED);
  }

  /** Like {@link destroyGuest}, but without an event. */
  vanish(name: string): void {
    const guest = this.guest(name);
    this.#guests.delete(guest.uuid);
    guest.id = null;
    guest.state = 5;
    this.#changed();
  }

  /** Replaces the content of `<metadata>`, like `virsh metadata --live`. */
  setMetadata(name: string, uri: string, xml: string): void {
    const guest = this.guest(name);
    guest.metadata = xml;
    this.#emit(EVENT_ID.METADATA_CHANGE, REMOTE_PROCEDURE.DOMAIN_EVENT_CALLBACK_METADATA_CHANGE, (w) => {
      writeDomain(w, refOf(guest));
      w.int(METADATA.ELEMENT).optional(uri, (x, text) => x.string(text, 1000));
    });
  }

  /** Replaces the domain XML and emits the event of an added device, as a hot-plug does. */
  plug(name: string, xml: string): void {
    const guest = this.guest(name);
    guest.xml = xml;
    this.#emit(EVENT_ID.DEVICE_ADDED, REMOTE_PROCEDURE.DOMAIN_EVENT_CALLBACK_DEVICE_ADDED, (w) => {
      writeDomain(w, refOf(guest));
      w.string('device0', 1000);
    });
  }

  /** The guest's QEMU stops responding, as after SIGSTOP. */
  stick(name: string): void {
    this.guest(name).stuck = true;
  }

  unstick(name: string): void {
    this.guest(name).stuck = false;
    this.#changed();
  }

  /** The next `times` calls fail. @param code virErrorNumber */
  fail(procedure: ProcedureName, code: number, message = 'made to fail', times = 1): void {
    this.#faults.push({ procedure, error: new FakeError(code, message), wait: async () => undefined, times });
  }

  /** The next `times` calls get a late reply. */
  delay(procedure: ProcedureName, delayMs: number, times = 1): void {
    this.#faults.push({ procedure, error: null, wait: () => sleep(delayMs, undefined, { ref: false }), times });
  }

  /** Delays the reply to the next call until the returned function is called. */
  hold(procedure: ProcedureName): () => void {
    let release = () => {};
    const released = new Promise<void>((resolve) => {
      release = resolve;
    });
    this.#faults.push({ procedure, error: null, wait: () => released, times: 1 });
    return release;
  }

  /** Emits the event of a changed balloon. */
  emitBalloonChange(guest: FakeGuest): void {
    this.#emit(EVENT_ID.BALLOON_CHANGE, REMOTE_PROCEDURE.DOMAIN_EVENT_CALLBACK_BALLOON_CHANGE, (w) => {
      writeDomain(w, refOf(guest));
      w.uint64(guest.currentKib);
    });
  }

  setBalloonTarget(guest: FakeGuest, targetKib: number): void {
    guest.targetKib = targetKib;
    if (this.balloonKibPerS === null) this.#moveBalloon(guest, Infinity);
    else this.#balloons ??= setInterval(() => this.#moveBalloons(), BALLOON_STEP_MS).unref();
  }

  /** Whether a call about this guest would have to wait. */
  blocksOn(guest: FakeGuest): boolean {
    return guest.stuck || guest.job !== null;
  }

  /** Runs `work`, which needs the guest's QEMU. Waits for the job lock with libvirtd's timeout, and for QEMU without a limit. */
  async withJob<T>(guest: FakeGuest, work: () => T): Promise<T> {
    const deadline = performance.now() + this.#jobTimeoutMs;
    while (guest.job !== null) {
      const left = deadline - performance.now();
      if (left <= 0) throw new FakeError(68, 'Timed out during operation: cannot acquire state change lock');
      await Promise.race([this.#nextChange(), sleep(left, undefined, { ref: false })]);
    }
    if (!guest.stuck) return work();
    const job = Symbol(guest.name);
    guest.job = job;
    try {
      while (guest.stuck && this.#guests.has(guest.uuid)) await this.#nextChange();
      if (!this.#guests.has(guest.uuid))
        throw new FakeError(55, 'Requested operation is not valid: domain is not running');
      return work();
    } finally {
      // After a stop of this libvirtd, another call may hold the lock.
      if (guest.job === job) guest.job = null;
      this.#changed();
    }
  }

  async #serve(client: FakeClient, call: Message): Promise<Reply> {
    const name = NAMES.get(call.header.procedure);
    const handler = HANDLERS[call.header.procedure];
    if (name === undefined || handler === undefined)
      throw new FakeError(39, `unknown procedure: ${call.header.procedure}`, 7);
    this.calls.set(name, this.callCount(name) + 1);
    const fault = this.#faults.find((candidate) => candidate.procedure === name);
    if (fault !== undefined) {
      if (--fault.times === 0) this.#faults = this.#faults.filter((other) => other !== fault);
      await fault.wait();
      if (fault.error !== null) throw fault.error;
    }
    return handler(this, new XdrReader(call.body), client);
  }

  #add(options: FakeGuestOptions): FakeGuest {
    const guest = new FakeGuest(options, ++this.#lastId);
    this.#guests.set(guest.uuid, guest);
    return guest;
  }

  #moveBalloons(): void {
    const step = ((this.balloonKibPerS ?? Infinity) * BALLOON_STEP_MS) / 1000;
    for (const guest of this.all()) this.#moveBalloon(guest, step);
  }

  #moveBalloon(guest: FakeGuest, stepKib: number): void {
    const distance = guest.targetKib - guest.currentKib;
    if (distance === 0) return;
    guest.currentKib += Math.sign(distance) * Math.min(Math.abs(distance), stepKib);
    this.emitBalloonChange(guest);
  }

  #lifecycle(guest: FakeGuest, event: number): void {
    this.#emit(EVENT_ID.LIFECYCLE, REMOTE_PROCEDURE.DOMAIN_EVENT_CALLBACK_LIFECYCLE, (w) => {
      writeDomain(w, refOf(guest));
      w.int(event).int(0);
    });
  }

  #emit(eventId: number, procedure: number, write: Reply): void {
    for (const client of this.#clients) {
      const callback = client.callbacks.get(eventId);
      if (callback !== undefined)
        client.sendEvent(procedure, (w) => {
          w.int(callback);
          write(w);
        });
    }
  }

  #nextChange(): Promise<void> {
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #changed(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const wake of waiting) wake();
  }
}

/** Creates and starts a fake libvirtd. */
export async function startFakeLibvirtd(options: FakeLibvirtdOptions): Promise<FakeLibvirtd> {
  const fake = new FakeLibvirtd(options);
  await fake.start();
  return fake;
}
