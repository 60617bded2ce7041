import { randomUUID } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  AGENT_TIMEOUT,
  connect,
  DOMAIN_STATE,
  LIFECYCLE,
  LibvirtConnectionError,
  LibvirtError,
  LIST_DOMAINS,
  MEM,
  START,
  STATS,
  STATS_FLAGS,
  XML,
  AFFECT,
  type BalloonChangeEvent,
  type Connection,
  type Domain,
  type LifecycleEvent,
  METADATA,
  type MetadataChangeEvent,
} from 'node-libvirt';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bedPaths, Guest, GUEST_PREFIX, LIBVIRT_URI, libvirtd, virsh, waitFor } from './support/index.ts';

const NAMESPACE = 'https://example.org/node-libvirt/test';
const UNKNOWN = { uuid: randomUUID(), name: 'no-such-domain' };

let connection: Connection;
let guest: Guest;
let running: Domain;
let paused: Domain;
let shutOff: Domain;

beforeAll(async () => {
  connection = await connect({ uri: LIBVIRT_URI });
  const disk = join(bedPaths().guests, 'node-libvirt.img');
  await mkdir(bedPaths().guests, { recursive: true });
  await writeFile(disk, Buffer.alloc(1024 * 1024));
  await chmod(disk, 0o666);
  guest = await Guest.start({ name: 'rpc', memoryMib: 256, statsPeriodS: 1 });
  paused = await connection.createXml(bareXml('rpc-paused', disk), { flags: START.PAUSED });
  shutOff = await connection.defineXml(bareXml('rpc-off', disk));
  await guest.waitBooted();
  running = await connection.lookupByName(guest.domain);
});

afterAll(async () => {
  await connection.close();
  expect(connection.closed).toBe(true);
});

describe('connection', () => {
  test('returns version, host name, type and URI', async () => {
    const [major = 0, minor = 0, release = 0] = (
      (await virsh('version', '--daemon')).match(/daemon: (\d+)\.(\d+)\.(\d+)/) ?? []
    )
      .slice(1)
      .map(Number);
    expect(await connection.getLibVersion()).toBe(major * 1_000_000 + minor * 1000 + release);
    expect(await connection.getHostname()).toBe((await virsh('hostname')).trim());
    expect(await connection.getType()).toBe('QEMU');
    expect(await connection.getUri()).toBe(LIBVIRT_URI);
  });

  test('rejects an unsupported URI', async () => {
    await expect(connect({ uri: 'qemu:///nonsense', socketPath: libvirtd.socketPath })).rejects.toMatchObject({
      name: 'LibvirtError',
      code: 'INTERNAL_ERROR',
    });
  });

  test('rejects every call after close', async () => {
    const other = await connect({ uri: LIBVIRT_URI });
    await other.close();
    for (const call of [
      () => other.getLibVersion(),
      () => other.getHostname(),
      () => other.getType(),
      () => other.getUri(),
      () => other.listAllDomains(),
      () => other.subscribe('lifecycle', () => {}),
      () => other.subscribe('balloonChange', () => {}),
      () => other.subscribe('metadataChange', () => {}),
    ]) {
      await expect(call()).rejects.toMatchObject({ name: 'LibvirtConnectionError', code: 'CLOSED' });
    }
  });

  test('stays open while idle, with pings in both directions', async () => {
    const idle = await connect({ uri: LIBVIRT_URI, keepalive: { intervalMs: 100, count: 2 } });
    await sleep(1500);
    expect(idle.closed).toBe(false);
    expect(await idle.getType()).toBe('QEMU');
    await idle.close();
  });

  test('rejects pending calls and emits close when libvirtd is killed', async () => {
    const lost = await connect({ uri: LIBVIRT_URI });
    const reason = new Promise<LibvirtConnectionError>((resolve) => lost.once('close', resolve));
    const calls = Array.from({ length: 50 }, () => lost.getAllDomainStats(STATS.BALLOON));
    const settled = Promise.allSettled(calls);
    try {
      await libvirtd.stop('SIGKILL');
      expect((await reason).code).toMatch(/HANGUP|ECONNRESET|EPIPE/);
      const rejected = (await settled).filter((result) => result.status === 'rejected');
      for (const { reason: why } of rejected) expect(why).toBeInstanceOf(LibvirtConnectionError);
      await expect(connect({ uri: LIBVIRT_URI })).rejects.toMatchObject({ code: 'ECONNREFUSED' });
    } finally {
      await libvirtd.start();
      connection = await connect({ uri: LIBVIRT_URI });
    }
  });
});

describe('domains', () => {
  test('are listed', async () => {
    const named = (domains: readonly Domain[]): string[] => domains.map(({ name }) => name);
    const all = await connection.listAllDomains();
    expect(all).toEqual(expect.arrayContaining([running, paused, shutOff]));
    expect(named(await connection.listAllDomains({ flags: LIST_DOMAINS.ACTIVE }))).not.toContain(shutOff.name);
    expect(named(await connection.listAllDomains({ flags: LIST_DOMAINS.PAUSED }))).toContain(paused.name);
    await expectError(connection.listAllDomains({ flags: 0x4000_0000 }), 'INVALID_ARG');
  });

  test('are found by name, UUID and id', async () => {
    expect(await connection.lookupByUuid(running.uuid)).toEqual(running);
    expect(await connection.lookupById(running.id ?? -1)).toEqual(running);
    expect(shutOff.id).toBeNull();
    await expectError(connection.lookupByName('no-such-domain'), 'NO_DOMAIN');
    await expectError(connection.lookupByUuid(UNKNOWN.uuid), 'NO_DOMAIN');
    await expectError(connection.lookupById(99_999), 'NO_DOMAIN');
  });

  test('reject each of many concurrent calls with the right error', async () => {
    const names = Array.from({ length: 60 }, (_, i) => `no-such-domain-${i}`);
    const errors = await Promise.all(
      names.map((name) => connection.lookupByName(name).catch((error: Error) => error.message)),
    );
    names.forEach((name, i) => expect(errors[i]).toContain(`'${name}'`));
  });

  test('have XML and a state', async () => {
    expect(await connection.getXmlDesc(running)).toContain(`<uuid>${running.uuid}</uuid>`);
    expect(await connection.getXmlDesc({ uuid: paused.uuid }, { flags: XML.INACTIVE })).toContain(
      `<name>${paused.name}</name>`,
    );
    await expectError(connection.getXmlDesc(UNKNOWN), 'NO_DOMAIN');
    expect(await connection.getState(running)).toMatchObject({ state: DOMAIN_STATE.RUNNING });
    expect(await connection.getState(paused)).toMatchObject({ state: DOMAIN_STATE.PAUSED });
    await expectError(connection.getState(UNKNOWN), 'NO_DOMAIN');
  });

  test('have metadata', async () => {
    await expectError(connection.getMetadata(running, NAMESPACE), 'NO_DOMAIN_METADATA');
    await connection.setMetadata(running, NAMESPACE, 't', '<note text="ünïcode"/>', { flags: AFFECT.LIVE });
    expect(await connection.getMetadata(running, NAMESPACE)).toBe('<note text="&#xFC;n&#xEF;code"/>');
    await connection.setMetadata(running, NAMESPACE, 't', null, { flags: AFFECT.LIVE });
    await expectError(connection.getMetadata(running, NAMESPACE), 'NO_DOMAIN_METADATA');
    await expectError(connection.setMetadata(running, NAMESPACE, 't', '<broken'), 'XML_DETAIL');
  });

  test('are defined, started, suspended, resumed, destroyed and undefined', async () => {
    const xml = bareXml('rpc-life');
    const domain = await connection.defineXml(xml);
    await expectError(
      connection.defineXml(
        xml.replace('rpc-life', 'rpc-other').replace('<memory', `<uuid>${domain.uuid}</uuid><memory`),
      ),
      'OPERATION_FAILED',
    );
    await expectError(connection.suspend(domain), 'OPERATION_INVALID');
    await expectError(connection.resume(domain), 'OPERATION_INVALID');
    await expectError(connection.destroy(domain), 'OPERATION_INVALID');
    const started = await connection.create(domain);
    expect(started.id).toBeGreaterThan(0);
    await expectError(connection.create(domain), 'OPERATION_INVALID');
    await expectError(connection.createXml(xml), 'OPERATION_FAILED');
    await connection.suspend(domain);
    expect((await connection.getState(domain)).state).toBe(DOMAIN_STATE.PAUSED);
    await connection.resume(domain);
    expect((await connection.getState(domain)).state).toBe(DOMAIN_STATE.RUNNING);
    await connection.destroy(domain);
    await connection.undefine(domain);
    await expectError(connection.undefine(domain), 'NO_DOMAIN');
  });
});

describe('memory', () => {
  test('has statistics with a period, and a balloon', async () => {
    await connection.setMemoryStatsPeriod(running, 1, { flags: MEM.LIVE });
    expect(await connection.getXmlDesc(running)).toMatch(/<stats period='1'\/>/);
    const before = await waitFor('the guest’s report', 60_000, async () => {
      const stats = await connection.memoryStats(running);
      return (stats.lastUpdateS ?? 0) > 0 && stats.unusedKib !== undefined ? stats : null;
    });
    expect(before).toMatchObject({ currentKib: 262_144, rssKib: expect.any(Number), availableKib: expect.any(Number) });
    await connection.setMemory(running, 200_000n, { flags: MEM.LIVE });
    await waitFor('the balloon', 60_000, async () => (await connection.memoryStats(running)).currentKib === 200_000);
    await connection.setMemory(running, 262_144, { flags: MEM.LIVE });

    await expectError(connection.setMemory(running, 2 ** 40, { flags: MEM.LIVE }), 'INVALID_ARG');
    await expectError(connection.setMemory(shutOff, 4096, { flags: MEM.LIVE }), 'OPERATION_INVALID');
    await expectError(connection.setMemoryStatsPeriod(running, -2, { flags: MEM.LIVE }), 'INVALID_ARG');
    await expectError(connection.memoryStats(shutOff), 'OPERATION_INVALID');
  });

  test('is configurable for a domain that is shut off', async () => {
    await connection.setMemory(shutOff, 8192, { flags: MEM.CONFIG });
    await connection.setMemoryStatsPeriod(shutOff, 7, { flags: MEM.CONFIG });
    const xml = await connection.getXmlDesc(shutOff);
    expect(xml).toMatch(/<currentMemory unit='KiB'>8192</);
    expect(xml).toMatch(/<stats period='7'\/>/);
  });
});

describe('bulk statistics', () => {
  test('have typed values for every group', async () => {
    const all = await connection.getAllDomainStats(0);
    expect(all.map(({ domain }) => domain.uuid)).toEqual(
      expect.arrayContaining([running.uuid, paused.uuid, shutOff.uuid]),
    );
    const stats = all.find(({ domain }) => domain.uuid === running.uuid);
    expect(stats).toMatchObject({
      domain: running,
      state: { state: DOMAIN_STATE.RUNNING, reason: expect.any(Number) },
      cpu: { timeNs: expect.any(Number), userNs: expect.any(Number), systemNs: expect.any(Number) },
      balloon: {
        currentKib: expect.any(Number),
        maximumKib: 262_144,
        lastUpdateS: expect.any(Number),
        unusedKib: expect.any(Number),
      },
      vcpu: { current: 1, maximum: 1, vcpus: [{ index: 0, state: 1, timeNs: expect.any(Number) }] },
      net: { count: 0, interfaces: [] },
      block: { count: 0, disks: [] },
    });
    // All documented names are decoded; only additions of newer versions may remain.
    expect(Object.keys(stats?.other ?? {}).filter((name) => !/^vcpu\.\d+\..*\.(sum|cur|max)$/.test(name))).toEqual([]);
    expect(all.find(({ domain }) => domain.uuid === paused.uuid)?.block).toMatchObject({
      count: 1,
      disks: [{ index: 0, name: 'vda', capacityBytes: 1024 * 1024 }],
    });
    expect(all.find(({ domain }) => domain.uuid === shutOff.uuid)?.balloon?.lastUpdateS).toBeUndefined();
  });

  test('accept domains by UUID only, and omit unknown ones', async () => {
    const stats = await connection.getAllDomainStats(STATS.STATE | STATS.BALLOON, {
      domains: [{ uuid: running.uuid }, { uuid: UNKNOWN.uuid }, { uuid: paused.uuid }],
      flags: STATS_FLAGS.NOWAIT,
    });
    expect(stats.map(({ domain }) => domain.name).sort()).toEqual([running.name, paused.name].sort());
    expect(stats[0]).not.toHaveProperty('cpu');
  });

  test('reject an unknown group if enforced', async () => {
    await expectError(
      connection.getAllDomainStats(1 << 28, { flags: STATS_FLAGS.ENFORCE_STATS }),
      'ARGUMENT_UNSUPPORTED',
    );
  });
});

describe('tuning', () => {
  test('counts the vCPUs', async () => {
    expect(await connection.getVcpus(paused, { flags: AFFECT.LIVE })).toBe(1);
    await expectError(connection.getVcpus(UNKNOWN), 'NO_DOMAIN');
  });

  test('sets scheduler parameters', async () => {
    const before = await connection.getSchedulerParameters(paused, { flags: AFFECT.LIVE });
    expect(Object.keys(before)).toEqual(expect.arrayContaining(['cpu_shares', 'vcpu_period', 'vcpu_quota']));
    await connection.setSchedulerParameters(
      shutOff,
      { vcpu_period: 50_000, vcpu_quota: 25_000n, cpu_shares: 512 },
      { flags: AFFECT.CONFIG },
    );
    expect(await connection.getSchedulerParameters(shutOff, { flags: AFFECT.CONFIG })).toMatchObject({
      vcpu_period: 50_000,
      vcpu_quota: 25_000,
      cpu_shares: 512,
    });
    await connection.setSchedulerParameters(shutOff, { vcpu_quota: -1 }, { flags: AFFECT.CONFIG });
    expect((await connection.getSchedulerParameters(shutOff, { flags: AFFECT.CONFIG })).vcpu_quota).toBeLessThan(0);
    await expectError(connection.getSchedulerParameters(UNKNOWN), 'NO_DOMAIN');
    await expectError(
      connection.setSchedulerParameters(shutOff, [{ name: 'vcpu_quota', type: 'ullong', value: 5000 }], {
        flags: AFFECT.CONFIG,
      }),
      'INVALID_ARG',
    );
  });

  test('sets block I/O limits', async () => {
    await connection.setBlockIoTune(
      paused,
      'vda',
      { total_bytes_sec: 10_000_000, read_iops_sec: 100, group_name: 'slow' },
      { flags: AFFECT.LIVE },
    );
    expect(await connection.getBlockIoTune(paused, 'vda', { flags: AFFECT.LIVE })).toMatchObject({
      total_bytes_sec: 10_000_000,
      read_iops_sec: 100,
      write_iops_sec: 0,
      group_name: 'slow',
    });
    await expectError(connection.getBlockIoTune(paused, 'vdz'), 'INVALID_ARG');
    await expectError(
      connection.setBlockIoTune(paused, 'vda', { total_bytes_sec: 1000, read_bytes_sec: 1000 }, { flags: AFFECT.LIVE }),
      'INVALID_ARG',
    );
  });
});

describe('events', () => {
  test('report the lifecycle of domains', async () => {
    const events: LifecycleEvent[] = [];
    const stop = await connection.subscribe('lifecycle', (event) => events.push(event));
    const domain = await connection.createXml(bareXml('rpc-events'), { flags: START.PAUSED });
    await connection.destroy(domain);
    const ofDomain = (): number[] =>
      events.filter((event) => event.domain.uuid === domain.uuid).map(({ event }) => event);
    await waitFor('the events', 30_000, async () => ofDomain().includes(LIFECYCLE.STOPPED));
    expect(ofDomain()).toContain(LIFECYCLE.STARTED);
    await stop();
    const seen = events.length;
    await connection.destroy(await connection.createXml(bareXml('rpc-events'), { flags: START.PAUSED }));
    await connection.getType();
    expect(events).toHaveLength(seen);
  });

  test('report balloon changes', async () => {
    const events: BalloonChangeEvent[] = [];
    const stop = await connection.subscribe('balloonChange', (event) => events.push(event));
    await connection.setMemory(running, 220_000, { flags: MEM.LIVE });
    await waitFor('the event', 60_000, async () =>
      events.some((event) => event.domain.uuid === running.uuid && event.currentKib === 220_000),
    );
    await stop();
  });
});

describe('metadata change events', () => {
  test('contain the namespace', async () => {
    const seen: MetadataChangeEvent[] = [];
    const stop = await connection.subscribe('metadataChange', (event) => seen.push(event));
    await connection.setMetadata(running, NAMESPACE, 't', '<note/>', { flags: AFFECT.LIVE });
    await waitFor('the event', 30_000, async () => seen.length > 0);
    expect(seen[0]).toEqual({ domain: running, type: METADATA.ELEMENT, uri: NAMESPACE });
    await connection.setMetadata(running, NAMESPACE, 't', null, { flags: AFFECT.LIVE });
    await stop();
  });
});

describe('guest agent', () => {
  test('runs a command and returns its reply', async () => {
    expect(
      JSON.parse((await connection.qemuAgentCommand(running, '{"execute":"guest-ping"}', { agentTimeoutS: 20 })) ?? ''),
    ).toEqual({ return: {} });
  });

  test('rejects an unknown command, and a guest without an agent', async () => {
    await expectError(
      connection.qemuAgentCommand(running, '{"execute":"guest-nonsense"}'),
      'INTERNAL_ERROR',
      'AGENT_COMMAND_FAILED',
    );
    await expectError(
      connection.qemuAgentCommand(paused, '{"execute":"guest-ping"}', { agentTimeoutS: AGENT_TIMEOUT.NOWAIT }),
      'OPERATION_INVALID',
    );
  });
});

test('a call to a stopped QEMU times out, other calls continue, and late replies are ignored', async () => {
  await guest.sigstop();
  try {
    await expect(connection.setMemory(running, 230_000, { flags: MEM.LIVE, timeoutMs: 500 })).rejects.toMatchObject({
      name: 'LibvirtTimeoutError',
    });
    const reason = new Error('enough');
    await expect(connection.memoryStats(running, { signal: AbortSignal.timeout(300) })).rejects.toMatchObject({
      name: 'TimeoutError',
    });
    await expect(connection.memoryStats(running, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(await connection.lookupByName(paused.name)).toEqual(paused);
    expect(connection.outstandingCalls).toBe(2);
  } finally {
    await guest.sigcont();
  }
  await waitFor('the late replies', 60_000, async () => connection.outstandingCalls === 0);
  expect(await connection.getType()).toBe('QEMU');
});

async function expectError(call: Promise<unknown>, ...codes: LibvirtError['code'][]): Promise<void> {
  const error = await call.then(
    () => 'no error',
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(LibvirtError);
  expect(codes).toContain((error as LibvirtError).code);
}

/** A domain without a boot device, optionally with a disk. */
function bareXml(name: string, disk?: string): string {
  return `
<domain type='qemu'>
  <name>${GUEST_PREFIX}${name}</name>
  <memory unit='KiB'>16384</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='pc'>hvm</type></os>
  <devices>
    <controller type='usb' model='none'/>
    ${disk === undefined ? '' : `<disk type='file' device='disk'><driver name='qemu' type='raw' cache='none' io='threads'/><source file='${disk}'/><target dev='vda' bus='virtio'/><shareable/></disk>`}
    <memballoon model='virtio'/>
  </devices>
</domain>`;
}
