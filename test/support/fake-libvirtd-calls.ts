import { JOB_OPERATIONS, JOB_TYPE, METADATA, STATS, STATS_FLAGS } from 'node-libvirt';
import {
  readDomain,
  writeDomain,
  type Domain,
  UUID_BYTES,
  formatUuid,
} from '../../packages/node-libvirt/src/domain-ref.ts';
import { REMOTE_PROCEDURE as P } from '../../packages/node-libvirt/src/protocol.ts';
import { readTypedParams, writeTypedParams, type TypedParam } from '../../packages/node-libvirt/src/typed-params.ts';
import type { XdrReader, XdrWriter } from '../../packages/node-libvirt/src/xdr.ts';
import { DISK_LIMITS, type DiskLimit } from '../../src/model/disk-tuning.ts';
import { FakeError, type Reply, type FakeClient } from './fake-libvirtd-client.ts';
import type { FakeGuest } from './fake-guest.ts';
import type { FakeLibvirtd } from './fake-libvirtd.ts';

/** Reads a call's arguments, performs it and returns the writer of the reply. */
type Handler = (daemon: FakeLibvirtd, args: XdrReader, client: FakeClient) => Promise<Reply> | Reply;

const MAX = 16_384;
const MIGRATION = JOB_OPERATIONS.indexOf('migration');
const TEXT_MAX = 4_194_304;
const emptyReply: Reply = () => undefined;

/** Groups with a count of 0: guests of the fake have no networks, disks … */
const EMPTY_GROUPS: readonly (readonly [number, string])[] = [
  [STATS.INTERFACE, 'net.count'],
  [STATS.BLOCK, 'block.count'],
  [STATS.IOTHREAD, 'iothread.count'],
];
const ALL_GROUPS = 0x7ff;

export const HANDLERS: Readonly<Record<number, Handler>> = {
  [P.AUTH_LIST]: () => (w) => w.array([0], 20, (x, type) => x.int(type)),
  [P.CONNECT_SUPPORTS_FEATURE]: () => (w) => w.int(1),
  [P.CONNECT_OPEN]: () => emptyReply,
  [P.CONNECT_CLOSE]: () => emptyReply,
  [P.CONNECT_GET_TYPE]: () => (w) => w.string('QEMU', TEXT_MAX),
  [P.CONNECT_GET_HOSTNAME]: () => (w) => w.string('fake', TEXT_MAX),
  [P.CONNECT_GET_URI]: () => (w) => w.string('qemu:///system', TEXT_MAX),
  [P.CONNECT_GET_LIB_VERSION]: () => (w) => w.uint64(9_000_000),

  [P.CONNECT_LIST_ALL_DOMAINS]: (daemon, args) => {
    args.int();
    const listed = daemon.all().filter(matching(args.uint()));
    return (w) => w.array(listed, MAX, (x, guest) => writeDomain(x, refOf(guest))).uint(listed.length);
  },

  [P.DOMAIN_LOOKUP_BY_NAME]: (daemon, args) => {
    const name = args.string(TEXT_MAX);
    return domainReply(
      daemon.all().find((guest) => guest.name === name),
      `no domain with matching name '${name}'`,
    );
  },
  [P.DOMAIN_LOOKUP_BY_UUID]: (daemon, args) => {
    const uuid = formatUuid(args.fixedOpaque(UUID_BYTES));
    return domainReply(daemon.byUuid(uuid), `no domain with matching uuid '${uuid}'`);
  },
  [P.DOMAIN_LOOKUP_BY_ID]: (daemon, args) => {
    const id = args.int();
    return domainReply(
      daemon.all().find((guest) => guest.id === id),
      `no domain with matching id ${id}`,
    );
  },

  [P.DOMAIN_GET_XML_DESC]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    return (w) => w.string(guest.domainXml(), TEXT_MAX);
  },
  [P.DOMAIN_GET_STATE]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    return (w) => w.int(guest.state).int(1);
  },
  [P.DOMAIN_GET_METADATA]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    const type = args.int();
    const uri = args.optional((r) => r.string(TEXT_MAX)) ?? '';
    if (type !== METADATA.ELEMENT || uri === '' || !guest.metadata.includes(uri)) {
      throw new FakeError(80, 'metadata not found: Requested metadata element is not present', 20);
    }
    return (w) => w.string(withoutNamespace(guest.metadata), TEXT_MAX);
  },

  [P.DOMAIN_GET_JOB_STATS]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    requireRunning(guest);
    const operation = guest.migrating ? MIGRATION : guest.operation;
    const params: TypedParam[] = operation === null ? [] : [{ name: 'operation', type: 'int', value: operation }];
    return (w) => writeTypedParams(w.int(operation === null ? JOB_TYPE.NONE : JOB_TYPE.UNBOUNDED), params, 64);
  },
  [P.DOMAIN_SET_MEMORY_FLAGS]: async (daemon, args) => {
    const guest = guestOf(daemon, args);
    const memoryKib = Number(args.uint64());
    if (memoryKib === 0)
      throw new FakeError(8, 'invalid argument: memory in virDomainSetMemoryFlags must not be zero', 0);
    return daemon.withJob(guest, () => {
      requireRunning(guest);
      if (memoryKib > guest.maximumKib)
        throw new FakeError(8, 'invalid argument: cannot set memory higher than max memory');
      daemon.setBalloonTarget(guest, memoryKib);
      return emptyReply;
    });
  },
  [P.DOMAIN_SET_MEMORY_STATS_PERIOD]: async (daemon, args) => {
    const guest = guestOf(daemon, args);
    const period = args.int();
    if (period < 0)
      throw new FakeError(8, 'invalid argument: period in virDomainSetMemoryStatsPeriod must be zero or greater', 0);
    return daemon.withJob(guest, () => {
      requireRunning(guest);
      guest.statsPeriodS = period;
      return emptyReply;
    });
  },
  [P.DOMAIN_GET_VCPUS_FLAGS]: (daemon, args) => {
    requireRunning(guestOf(daemon, args));
    return (w) => w.int(1);
  },
  [P.DOMAIN_GET_SCHEDULER_PARAMETERS_FLAGS]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    requireRunning(guest);
    const { vcpu_quota, vcpu_period } = guest.scheduler;
    const params: TypedParam[] = [
      { name: 'cpu_shares', type: 'ullong', value: 1024 },
      { name: 'vcpu_period', type: 'ullong', value: vcpu_period },
      { name: 'vcpu_quota', type: 'llong', value: vcpu_quota },
    ];
    return (w) => writeTypedParams(w, params, 16);
  },
  [P.DOMAIN_SET_SCHEDULER_PARAMETERS_FLAGS]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    const params = readTypedParams(args, 16);
    requireRunning(guest);
    for (const { name, value } of params) if (isKnown(guest.scheduler, name)) guest.scheduler[name] = Number(value);
    return emptyReply;
  },
  [P.DOMAIN_GET_BLOCK_IO_TUNE]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    const limits = diskOf(guest, args.optional((r) => r.string(TEXT_MAX)) ?? '');
    const params = DISK_LIMITS.map((name): TypedParam => ({ name, type: 'ullong', value: limits[name] ?? 0 }));
    return (w) => {
      writeTypedParams(w, params, 32);
      w.int(params.length);
    };
  },
  [P.DOMAIN_SET_BLOCK_IO_TUNE]: (daemon, args) => {
    const guest = guestOf(daemon, args);
    const limits = diskOf(guest, args.string(TEXT_MAX));
    for (const { name, value } of readTypedParams(args, 32)) limits[name as DiskLimit] = Number(value);
    return emptyReply;
  },
  [P.CONNECT_GET_ALL_DOMAIN_STATS]: async (daemon, args) => {
    const requested = args.array(MAX, 24, readDomain);
    const groups = args.uint() || ALL_GROUPS;
    const flags = args.uint();
    if ((flags & STATS_FLAGS.ENFORCE_STATS) !== 0 && (groups & ~ALL_GROUPS) !== 0) {
      throw new FakeError(
        74,
        `argument unsupported: Stats types bits 0x${(groups & ~ALL_GROUPS).toString(16)} are not supported by this daemon or QEMU`,
      );
    }
    const guests =
      requested.length > 0
        ? requested.map(({ uuid }) => daemon.byUuid(uuid)).filter((guest) => guest !== undefined)
        : daemon.all().filter(matching(flags & 0xff));
    const records: { guest: FakeGuest; params: TypedParam[] }[] = [];
    for (const guest of guests) {
      const read = (): TypedParam[] => statistics(guest, groups, daemon.now(), true);
      if (!guest.running || !daemon.blocksOn(guest)) records.push({ guest, params: read() });
      else if (guest.job !== null && (flags & STATS_FLAGS.NOWAIT) !== 0)
        records.push({ guest, params: statistics(guest, groups, daemon.now(), false) });
      else records.push({ guest, params: await daemon.withJob(guest, read) });
    }
    return (w) =>
      w.array(records, MAX, (x, { guest, params }) => {
        writeDomain(x, refOf(guest));
        writeTypedParams(x, params, 1000);
      });
  },

  [P.CONNECT_DOMAIN_EVENT_CALLBACK_REGISTER_ANY]: (_daemon, args, client) => {
    const event = args.int();
    client.callbacks.set(event, event + 100);
    return (w) => w.int(event + 100);
  },
  [P.CONNECT_DOMAIN_EVENT_CALLBACK_DEREGISTER_ANY]: (_daemon, args, client) => {
    const id = args.int();
    if (!client.callbacks.delete(id - 100))
      throw new FakeError(1, `internal error: domain event callback ${id} not registered`, 7);
    return emptyReply;
  },
};

export function refOf(guest: FakeGuest): Domain {
  return { name: guest.name, uuid: guest.uuid, id: guest.id };
}

/** libvirt returns the element without its namespace. */
function withoutNamespace(xml: string): string {
  return xml.replace(/ xmlns(:\w+)?=(["']).*?\2/g, '').replace(/(<\/?)\w+:/g, '$1');
}

function guestOf(daemon: FakeLibvirtd, args: XdrReader): FakeGuest {
  const { uuid, name } = readDomain(args);
  const guest = daemon.byUuid(uuid);
  if (guest === undefined) throw noDomain(`no domain with matching uuid '${uuid}' (${name})`);
  return guest;
}

function requireRunning(guest: FakeGuest): void {
  if (!guest.running) throw new FakeError(55, 'Requested operation is not valid: domain is not running');
}

function isKnown<T extends object>(object: T, name: string): name is string & keyof T {
  return Object.hasOwn(object, name);
}

function diskOf(guest: FakeGuest, disk: string): Partial<Record<DiskLimit, number>> {
  requireRunning(guest);
  const limits = guest.disks[disk];
  if (limits === undefined)
    throw new FakeError(8, `invalid argument: disk '${disk}' was not found in the domain config`, 10);
  return limits;
}

function domainReply(guest: FakeGuest | undefined, why: string): Reply {
  if (guest === undefined) throw noDomain(why);
  return (w: XdrWriter) => writeDomain(w, refOf(guest));
}

function noDomain(why: string): FakeError {
  return new FakeError(42, `Domain not found: ${why}`);
}

/** A filter by the supported flags: active, inactive, running, paused, shut off. */
function matching(flags: number): (guest: FakeGuest) => boolean {
  const active = flags & 3;
  const state = flags & 0x70;
  return (guest) =>
    (active === 0 || (active & (guest.running ? 1 : 2)) !== 0) &&
    (state === 0 ||
      (guest.state === 1 && (state & 0x10) !== 0) ||
      (guest.state === 3 && (state & 0x20) !== 0) ||
      (guest.state === 5 && (state & 0x40) !== 0));
}

/** @param qemuResponds false: only the statistics that libvirtd has without QEMU */
function statistics(guest: FakeGuest, groups: number, nowMs: number, qemuResponds: boolean): TypedParam[] {
  const params: TypedParam[] = [];
  // A guest may claim any 64-bit figure, which JavaScript's numbers do not hold exactly.
  const ull = (name: string, value: number): unknown =>
    params.push({
      name,
      type: 'ullong',
      value: value > Number.MAX_SAFE_INTEGER ? (value >= 2 ** 64 ? 2n ** 64n - 1n : BigInt(value)) : value,
    });
  if (groups & STATS.STATE)
    params.push(
      { name: 'state.state', type: 'int', value: guest.state },
      { name: 'state.reason', type: 'int', value: 1 },
    );
  if (groups & STATS.CPU_TOTAL && guest.running) {
    for (const name of ['cpu.time', 'cpu.user', 'cpu.system']) ull(name, 1_000_000_000);
  }
  if (groups & STATS.BALLOON) {
    ull('balloon.current', guest.currentKib);
    ull('balloon.maximum', guest.maximumKib);
    if (guest.running && qemuResponds)
      for (const [name, value] of Object.entries(guest.driverFigures(nowMs))) ull(`balloon.${name}`, value);
  }
  if (groups & STATS.VCPU)
    params.push({ name: 'vcpu.current', type: 'uint', value: 1 }, { name: 'vcpu.maximum', type: 'uint', value: 1 });
  for (const [group, name] of EMPTY_GROUPS)
    if (groups & group && guest.running) params.push({ name, type: 'uint', value: 0 });
  return params;
}
