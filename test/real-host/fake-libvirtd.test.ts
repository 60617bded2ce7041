import { randomUUID } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  connect,
  LibvirtError,
  LibvirtTimeoutError,
  LIST_DOMAINS,
  MEM,
  START,
  STATS,
  STATS_FLAGS,
  type Connection,
  type DomainRef,
  type DomainStats,
} from 'node-libvirt';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { METADATA_NAMESPACE, readDomainXml } from '../../src/libvirt/domain-xml.ts';
import { startFakeLibvirtd, type FakeLibvirtd } from '../support/fake-libvirtd.ts';
import { GUEST_PREFIX, LIBVIRT_URI, waitFor } from './support/index.ts';

/** The results of calls, reduced to what must be the same for both daemons. */
type Outcome = unknown;

/** A connection to one daemon with two equal guests: one paused, with Ballast's metadata; one shut off. */
interface Side {
  readonly connection: Connection;
  readonly paused: DomainRef;
  readonly off: DomainRef;
  stick(): Promise<void>;
  unstick(): Promise<void>;
  startThird(): Promise<void>;
  destroyThird(): Promise<void>;
}

const MEMORY_KIB = 16_384;
const NAMES = {
  paused: `${GUEST_PREFIX}fake-paused`,
  off: `${GUEST_PREFIX}fake-off`,
  third: `${GUEST_PREFIX}fake-third`,
};
const METADATA_XML = `<b:guest xmlns:b="${METADATA_NAMESPACE}" min="8MiB"/>`;
const UNKNOWN: DomainRef = { uuid: randomUUID(), name: 'no-such-domain' };

let real: Side;
let fake: Side;
let daemon: FakeLibvirtd;
let directory: string;

beforeAll(async () => {
  real = await realSide();
  directory = await mkdtemp(join(tmpdir(), 'fake-libvirtd-'));
  daemon = await startFakeLibvirtd({
    socketPath: join(directory, 'sock'),
    guests: [
      {
        name: NAMES.paused,
        uuid: real.paused.uuid,
        state: 3,
        maximumKib: MEMORY_KIB,
        statsPeriodS: 0,
        metadata: METADATA_XML,
      },
      { name: NAMES.off, uuid: real.off.uuid, state: 5, maximumKib: MEMORY_KIB, statsPeriodS: 0 },
    ],
  });
  fake = await fakeSide();
});

afterAll(async () => {
  await Promise.all([real.connection.close(), fake.connection.close()]);
  await daemon.stop();
  await rm(directory, { recursive: true });
});

const cases: readonly (readonly [string, (side: Side) => Promise<Outcome>])[] = [
  ['driver and URI', async ({ connection }) => [await connection.getType(), await connection.getUri()]],
  ...(['ACTIVE', 'INACTIVE', 'RUNNING', 'PAUSED', 'SHUTOFF'] as const).map(
    (flag) =>
      [
        `list with filter ${flag}`,
        async ({ connection }: Side) => ours(await connection.listAllDomains({ flags: LIST_DOMAINS[flag] })),
      ] as const,
  ),
  [
    'list with two filters',
    async ({ connection }) =>
      ours(await connection.listAllDomains({ flags: LIST_DOMAINS.ACTIVE | LIST_DOMAINS.SHUTOFF })),
  ],
  [
    'look-ups',
    async ({ connection, paused, off }) => [
      (await connection.lookupByName(NAMES.paused)).uuid === paused.uuid,
      await connection.lookupByUuid(off.uuid),
      (await connection.lookupById((await connection.lookupByUuid(paused.uuid)).id ?? -1)).name,
      await codeOf(connection.lookupByName('no-such-domain')),
      await codeOf(connection.lookupByUuid(UNKNOWN.uuid)),
      await codeOf(connection.lookupById(99_999)),
    ],
  ],
  [
    'XML',
    async ({ connection, paused, off }) => [
      readDomainXml(await connection.getXmlDesc(paused)),
      readDomainXml(await connection.getXmlDesc(off)),
      await codeOf(connection.getXmlDesc(UNKNOWN)),
    ],
  ],
  [
    'states',
    async ({ connection, paused, off }) => [
      (await connection.getState(paused)).state,
      (await connection.getState(off)).state,
      await codeOf(connection.getState(UNKNOWN)),
    ],
  ],
  [
    'metadata',
    async ({ connection, paused, off }) => [
      (await connection.getMetadata(paused, METADATA_NAMESPACE)).replaceAll("'", '"'),
      await codeOf(connection.getMetadata(off, METADATA_NAMESPACE)),
      await codeOf(connection.getMetadata(paused, 'https://example.org/other')),
      await codeOf(connection.getMetadata(UNKNOWN, METADATA_NAMESPACE)),
    ],
  ],
  [
    'memory',
    async ({ connection, paused, off }) => [
      await codeOf(connection.setMemory(paused, MEMORY_KIB, { flags: MEM.LIVE })),
      await codeOf(connection.setMemory(paused, MEMORY_KIB + 1024, { flags: MEM.LIVE })),
      await codeOf(connection.setMemory(paused, 0, { flags: MEM.LIVE })),
      await codeOf(connection.setMemory(off, MEMORY_KIB, { flags: MEM.LIVE })),
      await codeOf(connection.setMemory(UNKNOWN, MEMORY_KIB, { flags: MEM.LIVE })),
    ],
  ],
  [
    'statistics periods',
    async ({ connection, paused, off }) => [
      await codeOf(connection.setMemoryStatsPeriod(paused, 3, { flags: MEM.LIVE })),
      readDomainXml(await connection.getXmlDesc(paused)).domain.statsPeriodS,
      await codeOf(connection.setMemoryStatsPeriod(paused, 0, { flags: MEM.LIVE })),
      readDomainXml(await connection.getXmlDesc(paused)).domain.statsPeriodS,
      await codeOf(connection.setMemoryStatsPeriod(paused, -1, { flags: MEM.LIVE })),
      await codeOf(connection.setMemoryStatsPeriod(off, 3, { flags: MEM.LIVE })),
      await codeOf(connection.setMemoryStatsPeriod(UNKNOWN, 3, { flags: MEM.LIVE })),
    ],
  ],
  [
    'bulk statistics of a list',
    async ({ connection, paused, off }) => {
      const domains = [{ uuid: paused.uuid }, { uuid: UNKNOWN.uuid }, { uuid: off.uuid }];
      return shapeOf(
        await connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, { domains, flags: STATS_FLAGS.NOWAIT }),
      );
    },
  ],
  [
    'bulk statistics of active domains',
    async ({ connection }) =>
      shapeOf(await connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, { flags: STATS_FLAGS.ACTIVE })),
  ],
  [
    'bulk statistics of all groups',
    async ({ connection, paused }) => {
      return (await connection.getAllDomainStats(0, { domains: [paused] })).map((stats) =>
        ['state', 'cpu', 'balloon', 'vcpu', 'net', 'block'].filter((group) => group in stats),
      );
    },
  ],
  [
    'unknown statistics group',
    async ({ connection }) => codeOf(connection.getAllDomainStats(1 << 28, { flags: STATS_FLAGS.ENFORCE_STATS })),
  ],
  [
    'unknown procedure',
    async ({ connection }) =>
      codeOf(
        connection.call(
          { program: 0x20008086, procedure: 9999, name: 'NONE' },
          () => undefined,
          () => undefined,
        ),
      ),
  ],
  [
    'lifecycle events',
    async (side) => {
      const seen: number[] = [];
      const stop = await side.connection.subscribe('lifecycle', ({ domain, event }) => {
        if (domain.name === NAMES.third) seen.push(event);
      });
      await side.startThird();
      await side.destroyThird();
      await waitFor('the events', 30_000, () => seen.includes(5));
      await stop();
      // The real libvirtd also emits a suspend event for a guest that is started paused.
      return seen.filter((event) => event === 2 || event === 5);
    },
  ],
  [
    'metadata change event',
    async (side) => {
      const seen: unknown[] = [];
      const stop = await side.connection.subscribe('metadataChange', ({ type, uri }) => seen.push({ type, uri }));
      if (side === fake) daemon.setMetadata(NAMES.paused, METADATA_NAMESPACE, METADATA_XML);
      else
        await side.connection.setMetadata(side.paused, METADATA_NAMESPACE, 'b', '<guest min="8MiB"/>', {
          flags: MEM.LIVE,
        });
      await waitFor('the event', 30_000, () => seen.length > 0);
      await stop();
      return [seen, readDomainXml(await side.connection.getXmlDesc(side.paused)).metadata];
    },
  ],
  [
    'hanging QEMU',
    async (side) => {
      const { connection, paused, off } = side;
      const bulk = (): Promise<DomainStats[]> =>
        connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, {
          domains: [paused, off],
          flags: STATS_FLAGS.NOWAIT,
          timeoutMs: 1500,
        });
      await side.stick();
      try {
        return [
          await codeOf(bulk()),
          shapeOf(await bulk()),
          await codeOf(connection.setMemory(paused, MEMORY_KIB, { flags: MEM.LIVE, timeoutMs: 500 })),
          shapeOf(await bulk()),
          (await connection.getXmlDesc(paused, { timeoutMs: 5000 })).includes(NAMES.paused),
          (await connection.listAllDomains({ flags: LIST_DOMAINS.ACTIVE, timeoutMs: 5000 })).some(
            ({ uuid }) => uuid === paused.uuid,
          ),
          connection.outstandingCalls,
        ];
      } finally {
        await side.unstick();
        await waitFor('the calls that hang', 60_000, () => connection.outstandingCalls === 0);
      }
    },
  ],
  [
    'resumed QEMU',
    async ({ connection, paused }) =>
      shapeOf(
        await connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, {
          domains: [paused],
          flags: STATS_FLAGS.NOWAIT,
        }),
      ),
  ],
  [
    'five hanging calls, which block their connection',
    async (side) => {
      const other = await (side === fake ? connect({ socketPath: daemon.socketPath }) : connect({ uri: LIBVIRT_URI }));
      await side.stick();
      try {
        const hanging = Array.from({ length: 5 }, () =>
          codeOf(other.setMemory(side.paused, MEMORY_KIB, { flags: MEM.LIVE, timeoutMs: 1000 })),
        );
        const late = codeOf(other.getType({ timeoutMs: 1000 }));
        return [await Promise.all(hanging), await late, await side.connection.getType({ timeoutMs: 5000 })];
      } finally {
        await side.unstick();
        await waitFor('the calls that hang', 60_000, () => other.outstandingCalls === 0);
        await other.close();
      }
    },
  ],
];

test.each(cases)('%s: the fake behaves like the real libvirtd', async (_name, run) => {
  const expected = await run(real);
  expect(await run(fake)).toEqual(expected);
});

/** 'ok', the code of a libvirt error, or 'timeout'. */
async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    await call;
    return 'ok';
  } catch (error) {
    if (error instanceof LibvirtError) return error.code;
    if (error instanceof LibvirtTimeoutError) return 'timeout';
    throw error;
  }
}

function ours(domains: readonly { readonly name: string; readonly id: number | null }[]): string[] {
  return domains
    .filter(({ name }) => Object.values(NAMES).includes(name))
    .map(({ name, id }) => `${name} ${id === null ? 'off' : 'on'}`)
    .sort();
}

/** The names of all values, and the values that must be equal. */
function shapeOf(all: readonly DomainStats[]): Outcome {
  return all
    .filter(({ domain }) => Object.values(NAMES).includes(domain.name))
    .map(({ domain, state, balloon, other }) => ({
      name: domain.name,
      running: domain.id !== null,
      state: state?.state,
      values: Object.keys(balloon ?? {}).sort(),
      current: balloon?.currentKib,
      maximum: balloon?.maximumKib,
      lastUpdate: balloon?.lastUpdateS,
      other: Object.keys(other),
    }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

async function realSide(): Promise<Side> {
  const connection = await connect({ uri: LIBVIRT_URI });
  const paused = await connection.createXml(xml(NAMES.paused, METADATA_XML), { flags: START.PAUSED });
  const off = await connection.defineXml(xml(NAMES.off));
  const signal = async (name: NodeJS.Signals): Promise<void> => {
    process.kill(Number(await readFile(`/run/libvirt/qemu/${NAMES.paused}.pid`, 'utf8')), name);
  };
  return {
    connection,
    paused,
    off,
    stick: () => signal('SIGSTOP'),
    unstick: () => signal('SIGCONT'),
    startThird: async () => void (await connection.createXml(xml(NAMES.third), { flags: START.PAUSED })),
    destroyThird: async () => connection.destroy(await connection.lookupByName(NAMES.third)),
  };
}

async function fakeSide(): Promise<Side> {
  const connection = await connect({ socketPath: daemon.socketPath });
  return {
    connection,
    paused: await connection.lookupByName(NAMES.paused),
    off: await connection.lookupByName(NAMES.off),
    stick: async () => daemon.stick(NAMES.paused),
    unstick: async () => daemon.unstick(NAMES.paused),
    startThird: async () => void daemon.addGuest({ name: NAMES.third, state: 3, maximumKib: MEMORY_KIB }),
    destroyThird: async () => daemon.destroyGuest(NAMES.third),
  };
}

function xml(name: string, metadata = ''): string {
  return `
<domain type='qemu'>
  <name>${name}</name>
  <metadata>${metadata}</metadata>
  <memory unit='KiB'>${MEMORY_KIB}</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices><controller type='usb' model='none'/><memballoon model='virtio'/></devices>
</domain>`;
}
