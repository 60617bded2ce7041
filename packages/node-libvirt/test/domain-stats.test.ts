import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readAllDomainStats } from '../src/domain-stats-decode.ts';
import type { DomainStats } from '../src/domain-stats.ts';
import { writeDomain, type Domain } from '../src/domain-ref.ts';
import { readMemoryStats } from '../src/memory-stats.ts';
import { writeTypedParams, type TypedParam } from '../src/typed-params.ts';
import { XdrError, XdrReader, XdrWriter } from '../src/xdr.ts';

const DOMAIN: Domain = { name: 'web-1', uuid: '4dea22b3-1d52-d8f3-2516-782e98ab3fa0', id: 7 };

function encode(records: readonly (readonly TypedParam[])[]): Buffer {
  const writer = new XdrWriter();
  writer.array(records, 100, (w, params) => {
    writeDomain(w, DOMAIN);
    writeTypedParams(w, params, 1000);
  });
  return writer.bytes();
}

function decode(params: readonly TypedParam[]): DomainStats {
  const reader = new XdrReader(encode([params]));
  const [stats] = readAllDomainStats(reader);
  reader.end();
  if (stats === undefined) throw new Error('no record');
  return stats;
}

const ull = (name: string, value: number | bigint): TypedParam => ({ name, type: 'ullong', value });
const uint = (name: string, value: number): TypedParam => ({ name, type: 'uint', value });
const int = (name: string, value: number): TypedParam => ({ name, type: 'int', value });
const str = (name: string, value: string): TypedParam => ({ name, type: 'string', value });

describe('typed groups', () => {
  test('decodes every kind of name', () => {
    expect(
      decode([
        int('state.state', 1),
        int('state.reason', 5),
        ull('cpu.time', 2n ** 60n),
        ull('cpu.haltpoll.fail.time', 3),
        uint('cpu.cache.monitor.count', 1),
        str('cpu.cache.monitor.0.name', 'vcpus_0'),
        uint('cpu.cache.monitor.0.bank.count', 2),
        uint('cpu.cache.monitor.0.bank.1.id', 4),
        ull('cpu.cache.monitor.0.bank.1.bytes', 5),
        ull('balloon.current', 524_288),
        ull('balloon.last-update', 1_700_000_000),
        ull('balloon.hugetlb_pgfail', 0),
        uint('vcpu.current', 2),
        uint('vcpu.maximum', 4),
        int('vcpu.1.state', 1),
        ull('vcpu.1.time', 9),
        { name: 'vcpu.1.halted', type: 'boolean', value: true },
        int('vcpu.0.state', 2),
        ull('vcpu.1.halt_wakeup.sum', 5),
        uint('net.count', 1),
        str('net.0.name', 'vnet0'),
        ull('net.0.rx.bytes', 1),
        ull('net.0.tx.drop', 2),
        uint('block.count', 1),
        str('block.0.name', 'vda'),
        ull('block.0.fl.times', 3),
        uint('block.0.backingIndex', 1),
        uint('iothread.count', 1),
        ull('iothread.2.poll-max-ns', 32_768),
        uint('iothread.2.poll-grow', 1),
        str('memory.bandwidth.monitor.0.name', 'm'),
        ull('memory.bandwidth.monitor.0.node.1.bytes.local', 8),
        int('dirtyrate.calc_status', 2),
        { name: 'dirtyrate.megabytes_per_second', type: 'llong', value: 4 },
        ull('dirtyrate.vcpu.0.megabytes_per_second', 4),
        ull('perf.cache_misses', 77),
        ull('vm.halt_poll.sum', 6),
      ]),
    ).toEqual({
      domain: DOMAIN,
      state: { state: 1, reason: 5 },
      cpu: {
        timeNs: 2n ** 60n,
        haltpollFailNs: 3,
        cacheMonitorCount: 1,
        cacheMonitors: [{ index: 0, name: 'vcpus_0', bankCount: 2, banks: [{ index: 1, id: 4, bytes: 5 }] }],
      },
      balloon: { currentKib: 524_288, lastUpdateS: 1_700_000_000, hugetlbPagesFailed: 0 },
      vcpu: {
        current: 2,
        maximum: 4,
        vcpus: [
          { index: 1, state: 1, timeNs: 9, halted: true },
          { index: 0, state: 2 },
        ],
      },
      net: { count: 1, interfaces: [{ index: 0, name: 'vnet0', rxBytes: 1, txDropped: 2 }] },
      block: { count: 1, disks: [{ index: 0, name: 'vda', flushTimeNs: 3, backingIndex: 1 }] },
      iothread: { count: 1, threads: [{ index: 2, pollMaxNs: 32_768, pollGrow: 1 }] },
      memory: { bandwidthMonitors: [{ index: 0, name: 'm', nodes: [{ index: 1, localBytes: 8 }] }] },
      dirtyrate: { status: 2, megabytesPerSecond: 4, vcpus: [{ index: 0, megabytesPerSecond: 4 }] },
      perf: { cache_misses: 77 },
      vm: { 'halt_poll.sum': 6 },
      other: { 'vcpu.1.halt_wakeup.sum': 5 },
    });
  });

  test('omits missing values and keeps zeros', () => {
    expect(decode([ull('balloon.unused', (1n << 64n) - 1n), ull('balloon.swap_in', 0)]).balloon).toEqual({
      swapInKib: 0,
    });
  });

  test('keeps values of an unexpected type under their names', () => {
    const stats = decode([
      str('balloon.current', 'much'),
      ull('balloon.maximum', 2n ** 60n),
      ull('balloon.guest_oom_kill', 3),
      str('perf.odd', 'x'),
      int('unheard.of', 1),
    ]);
    expect(stats.balloon).toBeUndefined();
    expect(stats.other).toEqual({
      'balloon.current': 'much',
      'balloon.maximum': 2n ** 60n,
      'balloon.guest_oom_kill': 3,
      'perf.odd': 'x',
      'unheard.of': 1,
    });
  });
});

describe('hostile input', () => {
  test('treats indices as names, not as sizes', () => {
    const stats = decode([
      ull('vcpu.999999999.time', 1),
      ull('vcpu.4294967295.time', 2),
      ull('vcpu.99999999999999999999.time', 3),
      ull('vcpu.-1.time', 4),
    ]);
    expect(stats.vcpu?.vcpus).toEqual([{ index: 999_999_999, timeNs: 1 }]);
    expect(Object.keys(stats.other)).toHaveLength(3);
  });

  test('reads a hundred thousand elements in any order without quadratic time', () => {
    const writer = new XdrWriter();
    const params = Array.from({ length: 100_000 }, (_, i) => ull(`vcpu.${(i * 7919) % 100_003}.time`, i));
    writer.array([params], 1, (w, list) => {
      writeDomain(w, DOMAIN);
      writeTypedParams(w, list, 100_000);
    });
    expect(readAllDomainStats(new XdrReader(writer.bytes()))[0]?.vcpu?.vcpus).toHaveLength(100_000);
  });

  test('treats names of prototype properties as ordinary names', () => {
    const stats = decode([
      ull('perf.__proto__', 1),
      ull('vm.__proto__', 2),
      ull('__proto__', 3),
      ull('constructor.x', 4),
      ull('balloon.__proto__', 5),
    ]);
    expect(Object.keys(stats.perf ?? {})).toEqual(['__proto__']);
    expect(Object.keys(stats.vm ?? {})).toEqual(['__proto__']);
    expect(Object.keys(stats.other).sort()).toEqual(['__proto__', 'balloon.__proto__', 'constructor.x']);
  });

  test('rejects truncated data; returns values or an error for changed bytes', () => {
    const bytes = encode([[ull('balloon.current', 1), str('net.0.name', 'vnet0')], [int('state.state', 1)]]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => readAllDomainStats(new XdrReader(bytes.subarray(0, length)))).toThrow(XdrError);
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.nat(255), (at, value) => {
        const changed = Buffer.from(bytes);
        changed[at] = value;
        try {
          readAllDomainStats(new XdrReader(changed));
        } catch (error) {
          expect(error).toBeInstanceOf(XdrError);
        }
      }),
    );
  });
});

test('memory statistics have known tags by name and unknown ones by number, without missing values', () => {
  const writer = new XdrWriter();
  writer.array(
    [
      [6, 524_288n],
      [4, (1n << 64n) - 1n],
      [9, 1_700_000_000n],
      [13, 42n],
      [-1, 1n],
    ] as const,
    10,
    (w, [tag, value]) => w.int(tag).uint64(value),
  );
  expect(readMemoryStats(new XdrReader(writer.bytes()))).toEqual({
    currentKib: 524_288,
    lastUpdateS: 1_700_000_000,
    other: { 13: 42, [-1]: 1 },
  });
});
