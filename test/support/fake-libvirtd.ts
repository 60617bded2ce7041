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
import { FakeClient, FakeError, type Answer } from './fake-libvirtd-client.ts';

export type ProcedureName = keyof typeof REMOTE_PROCEDURE;

export interface FakeLibvirtdOptions {
  /** Where it listens; its folder must exist. */
  readonly socketPath: string;
  readonly guests?: readonly FakeGuestOptions[];
  /** How fast balloons move, KiB per second; at once unless given. */
  readonly balloonKibPerS?: number;
  /** How long a call waits for a guest whose job another call holds, before it fails with code 68; 30 s as libvirtd does. */
  readonly jobTimeoutMs?: number;
  /** Milliseconds since the epoch. */
  readonly now?: () => number;
}

interface Fault {
  readonly procedure: ProcedureName;
  readonly error: FakeError | null;
  /** Resolves when the call may go on. */
  readonly wait: () => Promise<unknown>;
  times: number;
}

const NAMES = new Map(
  Object.entries(REMOTE_PROCEDURE).map(([name, number]) => [number as number, name as ProcedureName]),
);
const BALLOON_STEP_MS = 50;

/**
 * A libvirtd for tests and benchmarks: real protocol on a real socket, made-up guests, and faults on demand. It is held
 * against the real libvirtd by test/real-host/fake-libvirtd.test.ts.
 */
export class FakeLibvirtd {
  readonly socketPath: string;
  /** How often each procedure was called. */
  readonly calls = new Map<ProcedureName, number>();
  readonly now: () => number;
  /** KiB per second, or null: at once. */
  balloonKibPerS: number | null;
  readonly #guests = new Map<string, FakeGuest>();
  readonly #clients = new Set<FakeClient>();
  readonly #jobTimeoutMs: number;
  #faults: Fault[] = [];
  #server: Server | null = null;
  #lastId = 0;
  /** Woken when it changes whether some guest is stuck, or who holds its job. */
  #waiting: (() => void)[] = [];
  #balloons: NodeJS.Timeout | null = null;

  constructor(options: FakeLibvirtdOptions) {
    this.socketPath = options.socketPath;
    this.now = options.now ?? Date.now;
    this.balloonKibPerS = options.balloonKibPerS ?? null;
    this.#jobTimeoutMs = options.jobTimeoutMs ?? 30_000;
    for (const guest of options.guests ?? []) this.#add(guest);
  }

  /** Open connections. */
  get connections(): number {
    return this.#clients.size;
  }

  all(): FakeGuest[] {
    return [...this.#guests.values()];
  }

  byUuid(uuid: string): FakeGuest | undefined {
    return this.#guests.get(uuid);
  }

  /** @throws when there is none */
  guest(name: string): FakeGuest {
    const guest = this.all().find((candidate) => candidate.name === name);
    if (guest === undefined) throw new Error(`the fake has no guest ${name}`);
    return guest;
  }

  callCount(procedure: ProcedureName): number {
    return this.calls.get(procedure) ?? 0;
  }

  /** Listens (again). */
  async start(): Promise<void> {
    const server = createServer((socket) => {
      const client = new FakeClient(socket, (from, call) => this.#serve(from, call));
      this.#clients.add(client);
      socket.on('close', () => this.#clients.delete(client));
    });
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(this.socketPath, resolve));
    this.#server = server;
  }

  /** As a libvirtd that is stopped: no socket, all connections gone, the guests stay. */
  async stop(): Promise<void> {
    if (this.#balloons !== null) clearInterval(this.#balloons);
    this.#balloons = null;
    const server = this.#server;
    this.#server = null;
    this.dropConnections();
    // What hung in this libvirtd ends with it.
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

  /** A guest that starts. */
  addGuest(options: FakeGuestOptions): FakeGuest {
    const guest = this.#add(options);
    this.#lifecycle(guest, guest.running ? LIFECYCLE.STARTED : LIFECYCLE.DEFINED);
    return guest;
  }

  /** A guest that is destroyed and, being transient, is no more. */
  destroyGuest(name: string): void {
    const guest = this.guest(name);
    this.vanish(name);
    this.#lifecycle(guest, LIFECYCLE.STOPPED);
  }

  /** As {@link destroyGuest}, but nobody is told. */
  vanish(name: string): void {
    const guest = this.guest(name);
    this.#guests.delete(guest.uuid);
    guest.id = null;
    guest.state = 5;
    this.#changed();
  }

  /** Changes the inside of `<metadata>`, as `virsh metadata --live` does. */
  setMetadata(name: string, uri: string, xml: string): void {
    const guest = this.guest(name);
    guest.metadata = xml;
    this.#emit(EVENT_ID.METADATA_CHANGE, REMOTE_PROCEDURE.DOMAIN_EVENT_CALLBACK_METADATA_CHANGE, (w) => {
      writeDomain(w, refOf(guest));
      w.int(METADATA.ELEMENT).optional(uri, (x, text) => x.string(text, 1000));
    });
  }

  /** The guest's QEMU stops answering, as after SIGSTOP. */
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

  /** The next `times` calls are answered late. */
  delay(procedure: ProcedureName, delayMs: number, times = 1): void {
    this.#faults.push({ procedure, error: null, wait: () => sleep(delayMs, undefined, { ref: false }), times });
  }

  /** The next call is answered when what this returns is called. */
  hold(procedure: ProcedureName): () => void {
    let answer = () => {};
    const answered = new Promise<void>((resolve) => {
      answer = resolve;
    });
    this.#faults.push({ procedure, error: null, wait: () => answered, times: 1 });
    return answer;
  }

  /** Tells the listeners of a balloon that has changed. */
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

  /** Does what needs the guest's QEMU: waits for the guest's job as long as libvirtd does, and for QEMU for ever. */
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
      // A libvirtd that was stopped meanwhile holds no jobs any more; somebody else may have it now.
      if (guest.job === job) guest.job = null;
      this.#changed();
    }
  }

  async #serve(client: FakeClient, call: Message): Promise<Answer> {
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

  #emit(eventId: number, procedure: number, write: Answer): void {
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

/** A fake that listens. */
export async function startFakeLibvirtd(options: FakeLibvirtdOptions): Promise<FakeLibvirtd> {
  const fake = new FakeLibvirtd(options);
  await fake.start();
  return fake;
}
