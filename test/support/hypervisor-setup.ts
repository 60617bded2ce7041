import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/host/system-clock.ts';
import type { Host } from '../../src/ports/host.ts';
import { LibvirtHypervisor, type LibvirtOptions } from '../../src/libvirt/libvirt.ts';
import type { GuestReading, HypervisorEvent, HypervisorReading } from '../../src/ports/hypervisor.ts';
import { startFakeLibvirtd, type FakeLibvirtd, type FakeLibvirtdOptions } from './fake-libvirtd.ts';

/** A hypervisor connected to a fake libvirtd, with the events that it emitted; without those of single calls. */
export class Setup {
  readonly fake: FakeLibvirtd;
  readonly hypervisor: LibvirtHypervisor;
  readonly events: HypervisorEvent[] = [];
  /** Files of the host, by path. */
  readonly files: Map<string, string>;
  readonly directory: string;

  private constructor(fake: FakeLibvirtd, options: Partial<LibvirtOptions>, directory: string) {
    this.fake = fake;
    this.files = new Map();
    this.directory = directory;
    const host: Host = {
      readText: async (path) => this.files.get(path) ?? null,
      list: async () => null,
      writeText: async () => undefined,
    };
    this.hypervisor = new LibvirtHypervisor({
      uri: 'qemu:///system',
      socketPath: fake.socketPath,
      callTimeoutMs: 2000,
      chunkSize: 100,
      statsPeriodS: 5,
      stateDirectory: join(directory, 'state'),
      host,
      clock: systemClock,
      retryMs: { first: 20, longest: 100 },
      ...options,
    });
    this.hypervisor.onEvent((event) => {
      if (event.kind !== 'call') this.events.push(event);
    });
  }

  static async of(
    fake: Omit<FakeLibvirtdOptions, 'socketPath'> = {},
    options: Partial<LibvirtOptions> = {},
  ): Promise<Setup> {
    const directory = await mkdtemp(join(tmpdir(), 'ballast-libvirt-'));
    return new Setup(
      await startFakeLibvirtd({ ...fake, socketPath: join(directory, 'libvirt-sock') }),
      options,
      directory,
    );
  }

  async connected(): Promise<this> {
    if (!(await this.hypervisor.start())) throw new Error(`no connection: ${JSON.stringify(this.events)}`);
    return this;
  }

  read(): Promise<HypervisorReading> {
    return this.hypervisor.readGuests(new AbortController().signal);
  }

  async readOne(name: string): Promise<GuestReading> {
    const found = (await this.read()).guests.find((guest) => guest.name === name);
    if (found === undefined) throw new Error(`${name} is not in the reading`);
    return found;
  }

  kinds(): string[] {
    return this.events.map((event) =>
      'guest' in event && event.guest !== null ? `${event.kind} ${event.guest.name}` : event.kind,
    );
  }

  notices(): string[] {
    return this.events.flatMap((event) =>
      event.kind === 'notice' ? [`${event.guest?.name ?? '-'}: ${event.message}`] : [],
    );
  }

  async close(): Promise<void> {
    await this.hypervisor.close();
    await this.fake.stop();
    await rm(this.directory, { recursive: true });
  }
}
